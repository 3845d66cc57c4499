import {inspect} from 'node:util';
import {expect} from 'chai';
import * as errors from '../../src/core/errors.js';
import {ERROR_CODES} from '../../src/core/error-codes.js';

const {DownloadError, DownloadFailed, ReplyFailed, ValidationError, MismatchError, WriterError} = errors;
const SECRET = 's3cr3t';
const reply = {status: 404, headers: {'set-cookie': SECRET}, body: SECRET};
const showAll = (value: unknown): string => inspect(value, {showHidden: true, depth: 10}) + JSON.stringify(value) + String(value);

type AnyError = InstanceType<typeof DownloadError>;
type Parents = readonly (abstract new (...parts: never[]) => unknown)[];

/** [how it is made, code, class, what it is an instance of beside DownloadError] */
const TREE: readonly (readonly [AnyError, string, string, Parents])[] = [
  [new DownloadFailed('m'), 'DOWNLOAD_FAILED', 'fatal', [DownloadFailed]],
  [new errors.ConnectFailed('m'), 'CONNECT_FAILED', 'transient', [DownloadFailed]],
  [new errors.TimedOut('read', 'm'), 'TIMED_OUT', 'transient', [DownloadFailed]],
  [new errors.TimedOut('deadline', 'm'), 'TIMED_OUT', 'cancelled', [DownloadFailed]],
  [new ReplyFailed('m', reply), 'REPLY_FAILED', 'fatal', [DownloadFailed, ReplyFailed]],
  [new errors.NotFound('m', reply), 'NOT_FOUND', 'source-bad', [DownloadFailed, ReplyFailed]],
  [new errors.NotAuthorized('m', reply), 'NOT_AUTHORIZED', 'source-bad', [DownloadFailed, ReplyFailed]],
  [new errors.Throttled('m', reply), 'THROTTLED', 'throttled', [DownloadFailed, ReplyFailed]],
  [new errors.ProtocolError('m'), 'PROTOCOL_ERROR', 'source-bad', [DownloadFailed]],
  [new errors.RedirectRefused('m'), 'REDIRECT_REFUSED', 'fatal', [DownloadFailed]],
  [new errors.Interrupted('m', 10, 5), 'INTERRUPTED', 'transient', [DownloadFailed]],
  [new errors.ResumeRejected('m'), 'RESUME_REJECTED', 'restart-free', [DownloadFailed]],
  [new errors.TooLarge('m', 5), 'TOO_LARGE', 'fatal', [DownloadFailed]],
  [new errors.PolicyRefused('m'), 'POLICY_REFUSED', 'fatal', [DownloadFailed]],
  [new errors.CredentialError('m'), 'CREDENTIAL_ERROR', 'fatal', [DownloadFailed]],
  [new errors.MirrorsExhausted('m', []), 'MIRRORS_EXHAUSTED', 'source-bad', [DownloadFailed]],
  [new errors.Cancelled('m'), 'CANCELLED', 'cancelled', [DownloadFailed]],
  [new ValidationError('m'), 'VALIDATION_FAILED', 'source-bad', [ValidationError]],
  [new MismatchError('m', 'a', 'b'), 'MISMATCH', 'source-bad', [ValidationError, MismatchError]],
  [new errors.SizeMismatch('m', 1, 2), 'SIZE_MISMATCH', 'source-bad', [ValidationError, MismatchError]],
  [new errors.DigestMismatch('m', 'sha256', 'a', 'b'), 'DIGEST_MISMATCH', 'source-bad', [ValidationError, MismatchError]],
  [new WriterError('m', '/x'), 'WRITER_FAILED', 'local', [WriterError]],
  [new errors.FileExists('m', '/x'), 'FILE_EXISTS', 'local', [WriterError]],
  [new errors.UnsafeName('m', '/x'), 'UNSAFE_NAME', 'local', [WriterError]],
  [new errors.HandlerError('m', 'sent'), 'HANDLER_FAILED', 'fatal', []],
];
const BRANCHES: Parents = [DownloadFailed, ReplyFailed, ValidationError, MismatchError, WriterError];

describe('the error tree', () => {
  for (const [error, code, faultClass, parents] of TREE) {
    it(`has ${error.constructor.name} (${faultClass}) with its name, code and place`, () => {
      expect(error).to.be.instanceOf(DownloadError).and.instanceOf(Error);
      expect(error).to.include({name: error.constructor.name, code, class: faultClass, message: 'm'});
      expect(BRANCHES.filter((branch) => error instanceof branch)).to.deep.equal(parents);
      expect(ERROR_CODES).to.have.property(code);
    });
  }

  it('has every exported class in the table above', () => {
    const classes = Object.values(errors).filter((one) => one !== DownloadError);
    expect(new Set(TREE.map(([error]) => error.constructor))).to.deep.equal(new Set(classes));
  });

  it('carries what programs need', () => {
    expect(new errors.TimedOut('headers', 'm').phase).to.equal('headers');
    expect(new errors.Interrupted('m', 10, 5)).to.include({expected: 10, actual: 5});
    expect(new errors.TooLarge('m', 5).limit).to.equal(5);
    expect(new errors.DigestMismatch('m', 'sha256', 'a', 'b')).to.include({algorithm: 'sha256', expected: 'a', actual: 'b'});
    expect(new errors.HandlerError('m', 'sent').event).to.equal('sent');
    expect(new errors.FileExists('m', '/x').path).to.equal('/x');
    expect(new errors.NotFound('m', reply)).to.include({status: 404, headers: reply.headers, body: SECRET});
    expect(new ReplyFailed('m', {status: 500})).to.deep.include({headers: {}, body: ''});
    const last = new DownloadFailed('last');
    expect(new errors.MirrorsExhausted('m', [last]).errors).to.deep.equal([last]);
    expect(new errors.Cancelled().message).to.equal('cancelled');
  });
});

describe('DownloadError', () => {
  it('takes code, class and retryAt of its own', () => {
    const error = new errors.ConnectFailed('m', {code: 'DNS_FAILED', class: 'source-bad', retryAt: 5});
    expect(error).to.include({code: 'DNS_FAILED', class: 'source-bad', retryAt: 5, name: 'ConnectFailed'});
  });

  it('shows no secret in message, url, stack, inspect or JSON', () => {
    const url = `https://elmer:${SECRET}@h/x?sig=${SECRET}#${SECRET}`;
    const text = `asking ${url} with Authorization: Bearer ${SECRET}`;
    const error = new errors.ConnectFailed(text, {url, cause: new Error(`token=${SECRET}`)});
    expect(error.url).to.equal('https://h/x?sig=***');
    expect(showAll(error) + String(error.stack)).not.to.include(SECRET);
  });

  it('hides the download and what the server said, yet gives them to who asks', () => {
    const error = new errors.NotFound('m', reply);
    error.download = {headers: {authorization: SECRET}};
    expect(error.download).to.deep.equal({headers: {authorization: SECRET}});
    expect(Object.keys(error)).not.to.include.members(['download']);
    expect(JSON.stringify(Object.entries(error)) + showAll(error)).not.to.include(SECRET);
    expect(Object.prototype.propertyIsEnumerable.call(error, 'download')).to.equal(false);
  });

  it('escapes control characters of whoever made the text', () => {
    expect(new DownloadFailed('404 \u001b[2Jgone\u0007').message).to.equal('404 \\u001b[2Jgone\\u0007');
  });

  it('can be stored: JSON has name, code, class, message, url, attempts and the text of the cause', () => {
    const error = new errors.SizeMismatch('expected 1 bytes, got 2', 1, 2, {url: 'http://h/', cause: new Error('why')});
    expect(JSON.parse(JSON.stringify(error))).to.deep.include({
      name: 'SizeMismatch', code: 'SIZE_MISMATCH', class: 'source-bad', message: 'expected 1 bytes, got 2', url: 'http://h/', attempts: [],
      expected: 1, actual: 2, cause: 'why',
    });
    const nested = JSON.parse(JSON.stringify(new errors.MirrorsExhausted('m', [error]))) as {errors: unknown[]};
    expect(nested.errors[0]).to.include({code: 'SIZE_MISMATCH', message: 'expected 1 bytes, got 2'});
  });

  it('has no cause where none was given', () => {
    expect('cause' in new DownloadFailed('m', {cause: undefined})).to.equal(false);
    expect(new DownloadFailed('m', {cause: new DownloadFailed('n')}).cause).to.be.instanceOf(DownloadFailed);
  });
});
