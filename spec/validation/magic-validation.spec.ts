import {expect} from 'chai';
import fc from 'fast-check';
import {gzipSync} from 'node:zlib';
import {MismatchError} from '../../src/core/errors.js';
import {validationContract} from '../../src/testing/validation-contract.js';
import {MagicValidation, type OwnSignature} from '../../src/validation/magic-validation.js';
import type {FileKind} from '../../src/validation/signatures.js';
import {behindReply, cutAt, refusalOf} from './guarded.js';

const gzip = gzipSync('content');
const own: OwnSignature = {bytes: 'JUP', offset: 3};
const page = Buffer.from('<!doctype html><html></html>');

validationContract({describe, it}, {
  name: 'MagicValidation', make: (_bytes, options) => behindReply(new MagicValidation(['gzip', own], options)),
  accepted: [gzip, Buffer.from('1f8b08', 'hex'), Buffer.from('abcJUP')],
  refused: () => [page, Buffer.alloc(0), gzip.subarray(0, 2), gzip.subarray(1),
    Buffer.from('abcJU'), Buffer.from('abcJUX-'), Buffer.from('1f8b09', 'hex')],
});

describe('MagicValidation', () => {
  it('takes one kind, one signature of one\'s own, or several of which one is enough', () => {
    const forms = ['gzip', ['gzip'], ['xz', 'gzip'], {bytes: Buffer.from('1f8b', 'hex')},
      [own, {bytes: gzip.subarray(4, 9), offset: 4}]] as const;
    for (const accepted of forms) {
      expect(refusalOf(new MagicValidation(accepted), [gzip])).to.equal(undefined);
      expect(refusalOf(new MagicValidation(accepted), [page])?.error).to.be.instanceOf(MismatchError);
    }
  });

  it('says what was expected and what came', () => {
    const faultOf = (validation: MagicValidation, body: Uint8Array): unknown => refusalOf(validation, [body])?.error;
    expect(faultOf(new MagicValidation(['gzip', 'zstd', 'gzip']), page)).to.include({
      expected: 'gzip or zstd', actual: 'bytes 3c21646f63747970652068746d6c3e3c', code: 'MISMATCH', class: 'source-bad',
      message: 'expected a file of kind gzip or zstd, got bytes 3c21646f63747970652068746d6c3e3c',
    });
    expect(faultOf(new MagicValidation(own), page))
      .to.include({expected: 'bytes 4a5550 at 3', actual: 'bytes 6f63747970652068746d6c3e3c68746d at 3'});
    expect(faultOf(new MagicValidation('tar'), page)).to.include({actual: '28 bytes'});
    expect(faultOf(new MagicValidation('gzip'), Buffer.alloc(0))).to.include({actual: '0 bytes'});
  });

  it('refuses with the first byte that can\'t be right, and at the end when bytes are missing', () => {
    const at = (body: Uint8Array, kind: FileKind): unknown => refusalOf(new MagicValidation(kind), cutAt(body, [...body.keys()]))?.at;
    expect(at(page, 'gzip')).to.equal(1);
    expect(at(Buffer.from('PK\x03\x05'), 'zip')).to.equal(4);
    expect(at(Buffer.concat([Buffer.alloc(257), Buffer.from('ustAr')]), 'tar')).to.equal(261);
    expect(at(gzip.subarray(0, 2), 'gzip')).to.equal('apply');
  });

  it('gives the same verdict however the body is cut', () => {
    fc.assert(fc.property(fc.uint8Array({maxLength: 12}), fc.boolean(), fc.array(fc.nat(20)), (bytes, right, cuts) => {
      const body = right ? Buffer.concat([gzip.subarray(0, 3), bytes]) : bytes;
      const validation = new MagicValidation(['gzip', 'bzip2', own]);
      const whole = refusalOf(validation, [body]);
      expect(refusalOf(validation, cutAt(body, cuts)) === undefined).to.equal(whole === undefined);
      if (right) expect(whole).to.equal(undefined);
    }));
  });

  it('looks at a signature far into the file, whole or byte by byte', () => {
    const image = Buffer.alloc(40_000);
    image.write('CD001', 32_769);
    const validation = new MagicValidation({bytes: 'CD001', offset: 32_769});
    for (const cuts of [[], [32_770], [...image.keys()]]) expect(refusalOf(validation, cutAt(image, cuts))).to.equal(undefined);
    image[32_770] = 0;
    expect(refusalOf(validation, cutAt(image, [...image.keys()]))?.at).to.equal(32_771);
  });

  it('keeps its own copy of the bytes', () => {
    const bytes = Buffer.from('1f8b', 'hex');
    const validation = new MagicValidation({bytes});
    bytes.fill(0);
    expect(refusalOf(validation, [gzip])).to.equal(undefined);
  });

  it('refuses what names no signature', () => {
    const make = (accepted: unknown, options?: object) => () => new MagicValidation(accepted as FileKind, options);
    expect(make('gz')).to.throw(TypeError, 'accepted: expected one of 7z, ar, bzip2');
    expect(make('constructor')).to.throw(TypeError, 'accepted: ');
    expect(make([])).to.throw(TypeError, 'accepted: expected at least one kind of file');
    expect(make(undefined)).to.throw(TypeError, 'accepted: ');
    expect(make({bytes: 5})).to.throw(TypeError, 'bytes: expected a Uint8Array or a text, got 5');
    expect(make({bytes: ''})).to.throw(TypeError, 'bytes: expected at least one byte');
    expect(make({bytes: 'x', at: 1})).to.throw(TypeError, 'unknown option \'at\'');
    expect(make({bytes: 'x', offset: -1})).to.throw(RangeError, 'offset: ');
    expect(make({bytes: 'xy', offset: 65_535}))
      .to.throw(RangeError, 'offset: expected a signature within the first 65536 bytes, got 65535');
    expect(make({bytes: 'x', offset: 65_535})).not.to.throw();
    expect(make('gzip', {enforce: false})).to.throw(TypeError, 'MagicValidation: unknown option');
  });
});
