import {createHash} from 'node:crypto';
import {expect} from 'chai';
import {DigestMismatch} from '../../src/core/errors.js';
import {DigestSet} from '../../src/monitor/digest-set.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {judge, verdict} from '../../src/testing/validation-calls.js';
import {validationContract} from '../../src/testing/validation-contract.js';

const good = Buffer.from('good bytes');
const hashOf = (algorithm: string, bytes: Uint8Array = good): Buffer => createHash(algorithm).update(bytes).digest();
const hex = hashOf('sha256').toString('hex');
const other = hashOf('sha256', Buffer.from('others')).toString('hex');

for (const algorithm of ['sha256', 'md5', 'sha512-256', 'shake128']) {
  validationContract({describe, it}, {
    name: `DigestValidation of ${algorithm}`,
    make: (bytes, options) => new DigestValidation(algorithm, hashOf(algorithm, bytes).toString('hex'), options),
  });
}

describe('DigestValidation', () => {
  it('says what its acceptance proves, and nothing of a size', () => {
    const validation = new DigestValidation('SHA-256', hex);
    expect(validation).to.include({algorithm: 'sha256', proof: 'digest', enforced: true});
    expect(validation).not.to.have.property('size');
  });

  it('accepts upper-case hex, base64 and base64url', async () => {
    await judge(new DigestValidation('sha256', hex.toUpperCase()), [good]);
    await judge(new DigestValidation('sha256', hashOf('sha256').toString('base64')), [good]);
    await judge(new DigestValidation('sha256', hashOf('sha256').toString('base64url')), [good]);
  });

  it('accepts the empty file by its digest in upper case', async () => {
    const empty = 'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855';
    await judge(new DigestValidation('SHA256', empty), []);
    expect(await verdict(new DigestValidation('SHA256', empty), [good])).to.be.instanceOf(DigestMismatch);
  });

  it('accepts any one of several digests, once each', async () => {
    const validation = new DigestValidation('sha256', [other, hex, hex.toUpperCase()]);
    expect(validation.accepted).to.deep.equal([other, hex]);
    await judge(validation, [good]);
  });

  it('names the algorithm, every acceptable digest and the actual one', async () => {
    const actual = hashOf('sha256', Buffer.from('bad')).toString('hex');
    const error = await verdict(new DigestValidation('sha256', [hex, other]), [Buffer.from('bad')]);
    expect(error).to.be.instanceOf(DigestMismatch);
    expect(error).to.include({algorithm: 'sha256', expected: `${hex} or ${other}`, actual, code: 'DIGEST_MISMATCH', class: 'source-bad'});
    expect((error as Error).message).to.equal(`sha256: expected ${hex} or ${other}, got ${actual}`);
  });

  it('hashes nothing itself: what it wants is requested from the shared set, once for two of a kind', () => {
    const digests = new DigestSet();
    for (const name of ['sha256', 'SHA-256', 'sha_512']) {
      new DigestValidation(name, hashOf(name.replace(/\W|_/g, '')).toString('hex')).begin({digests, offset: 0});
    }
    expect(digests.algorithms).to.deep.equal(['sha256', 'sha512']);
    expect('update' in new DigestValidation('sha256', hex)).to.equal(false);
  });

  describe('fromIntegrity', () => {
    const sri = (algorithm: string, bytes: Uint8Array = good): string => `${algorithm}-${hashOf(algorithm, bytes).toString('base64')}`;

    it('takes the strongest algorithm, any of whose digests is good', async () => {
      const integrity = `${sri('sha1')} ${sri('sha512', Buffer.from('x'))}?opt ${sri('sha512')}`;
      const validation = DigestValidation.fromIntegrity(integrity, {enforced: false});
      expect(validation).to.include({algorithm: 'sha512', enforced: false});
      await judge(validation, [good]);
      await judge(validation, [Buffer.from('x')]);
    });

    it('is not fooled by a weaker hash that fits', async () => {
      const validation = DigestValidation.fromIntegrity(`${sri('sha256')} ${sri('sha512', Buffer.from('x'))}`);
      expect(await verdict(validation, [good])).to.be.instanceOf(DigestMismatch);
    });

    it('refuses a text that proves nothing', () => {
      expect(() => DigestValidation.fromIntegrity('')).to.throw(RangeError, 'integrity: ');
      expect(() => DigestValidation.fromIntegrity('blake9-AAAA')).to.throw(RangeError, 'integrity: ');
    });
  });

  describe('its constructor', () => {
    it('refuses another length, naming algorithm, expected and given length', () => {
      expect(() => new DigestValidation('sha256', hex.slice(1)))
        .to.throw(RangeError, 'digest: expected a sha256 digest of 64 hex or 44 base64 characters (32 bytes), got 63 characters');
      expect(() => new DigestValidation('sha512', [hex])).to.throw(RangeError, 'digest: expected a sha512 digest of 128 hex');
    });

    it('refuses an unknown algorithm', () => {
      expect(() => new DigestValidation('sha257', hex)).to.throw(RangeError, /^algorithm: expected .* got "sha257"$/);
      expect(() => new DigestValidation('constructor', hex)).to.throw(RangeError, 'algorithm: ');
      expect(() => new DigestValidation(256 as unknown as string, hex)).to.throw(TypeError, 'algorithm: ');
    });

    it('refuses no digest at all, other characters and other types', () => {
      expect(() => new DigestValidation('sha256', [])).to.throw(TypeError, 'digest: expected at least one acceptable digest');
      expect(() => new DigestValidation('sha256', 'z'.repeat(64))).to.throw(TypeError, 'digest: ');
      expect(() => new DigestValidation('sha256', undefined as unknown as string)).to.throw(TypeError, 'digest: ');
      expect(() => new DigestValidation('sha256', [hex, 5 as unknown as string])).to.throw(TypeError, 'digest: ');
    });

    it('refuses options that it does not know', () => {
      expect(() => new DigestValidation('sha256', hex, {enforce: false} as object)).to.throw(TypeError, 'unknown option \'enforce\'');
    });
  });
});
