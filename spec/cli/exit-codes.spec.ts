import {expect} from 'chai';
import {EXIT_CODES, exitCodeOf, exitCodesText} from '../../src/cli/exit-codes.js';
import {ERROR_CODES} from '../../src/core/error-codes.js';
import {ConnectFailed, DigestMismatch, MirrorsExhausted, NotFound, PolicyRefused, WriterError} from '../../src/core/errors.js';

describe('exit codes', () => {
  const notFound = new NotFound('gone', {status: 404});

  it('every error code has exactly one', () => {
    expect(EXIT_CODES.flatMap(({errors = []}) => errors).sort()).to.deep.equal(Object.keys(ERROR_CODES).sort());
    expect(new Set(EXIT_CODES.map(({code}) => code)).size).to.equal(EXIT_CODES.length);
  });

  it('tells the classes of a single failure apart', () => {
    const errors = [new ConnectFailed('x'), notFound, new DigestMismatch('x', 'md5', 'a', 'b'), new WriterError('x'),
      new PolicyRefused('x')];
    expect(errors.map(exitCodeOf)).to.deep.equal([3, 4, 6, 7, 8]);
  });

  it('of exhausted mirrors tells what all agree on', () => {
    expect(exitCodeOf(new MirrorsExhausted('x', [notFound, notFound]))).to.equal(4);
    expect(exitCodeOf(new MirrorsExhausted('x', [notFound, new ConnectFailed('x')]))).to.equal(1);
    expect(exitCodeOf(new MirrorsExhausted('x', []))).to.equal(1);
  });

  it('shows every code in the help', () => {
    const lines = exitCodesText(200).split('\n');
    for (const {code, meaning} of EXIT_CODES) expect(lines).to.include(`  ${String(code).padEnd(4)} ${meaning}`);
  });
});
