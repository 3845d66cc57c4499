import {createHash, getHashes} from 'node:crypto';
import {expect} from 'chai';
import fc from 'fast-check';
import {copyHash, digestLength, newHash, normaliseAlgorithm, parseDigest, parseIntegrity} from '../../src/core/digest.js';

describe('normaliseAlgorithm', () => {
  const names: Readonly<Record<string, string>> = {
    'sha256': 'sha256', 'SHA-256': 'sha256', 'SHA256': 'sha256', 'SHA_256': 'sha256', ' sha-256\n': 'sha256', 'RSA-SHA256': 'sha256',
    'SHA-1': 'sha1', 'MD-5': 'md5', 'SHA-512/256': 'sha512-256', 'sha512/256': 'sha512-256', 'SHA_512_224': 'sha512-224',
    'SHA3-256': 'sha3-256', 'sha3_512': 'sha3-512', 'SHA-3-256': 'sha3-256', 'BLAKE2b-512': 'blake2b512', 'ripemd': 'ripemd160',
    'RMD160': 'ripemd160', 'RIPEMD-160': 'ripemd160', 'SHAKE-128': 'shake128',
  };
  for (const [given, name] of Object.entries(names)) {
    it(`calls ${JSON.stringify(given)} ${name}`, () => { expect(normaliseAlgorithm(given)).to.equal(name); });
  }

  it('changes nothing of what it made', () => {
    for (const name of new Set(Object.values(names))) expect(normaliseAlgorithm(name)).to.equal(name);
  });

  it('takes every hash that node lists (the rsassa ones are signatures)', () => {
    for (const name of getHashes().filter((one) => !one.includes('rsassa'))) expect(normaliseAlgorithm(name), name)
      .to.equal(normaliseAlgorithm(normaliseAlgorithm(name)));
  });

  for (const bad of ['', 'sha257', 'toString', 'constructor', '__proto__', 'size', 'crc32']) {
    it(`refuses ${JSON.stringify(bad)}`, () => {
      expect(() => normaliseAlgorithm(bad))
        .to.throw(RangeError, `algorithm: expected a digest that node's crypto knows, such as sha256 or sha512, got "${bad}"`);
    });
  }

  it('refuses what is no text', () => {
    expect(() => normaliseAlgorithm(undefined as unknown as string)).to.throw(TypeError, 'algorithm: ');
  });
});

describe('digestLength', () => {
  it('is the length of the real hash', () => {
    for (const name of ['sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'md5', 'sha512-256', 'sha3-384', 'blake2b512', 'ripemd160']) {
      expect(digestLength(name), name).to.equal(createHash(name).digest().byteLength);
    }
  });

  it('is 16 and 32 for the functions that have no end', () => {
    expect([digestLength('shake128'), digestLength('SHAKE256')]).to.deep.equal([16, 32]);
    expect(newHash('shake128').update('abc').digest('hex'))
      .to.equal(createHash('shake128', {outputLength: 16}).update('abc').digest('hex'));
  });
});

describe('copyHash', () => {
  it('gives the digest so far and lets the hash go on', () => {
    for (const name of ['sha256', 'shake128', 'shake256']) {
      const hash = newHash(name).update('one');
      expect(copyHash(hash, name).digest('hex'), name).to.equal(newHash(name).update('one').digest('hex'));
      expect(hash.update('two').digest('hex'), name).to.equal(newHash(name).update('onetwo').digest('hex'));
    }
  });
});

describe('parseDigest', () => {
  const algorithms = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'shake128'];

  it('reads every coding of any digest as the same lower-case hex', () => {
    fc.assert(fc.property(fc.constantFrom(...algorithms), fc.uint8Array({minLength: 64, maxLength: 64}), (algorithm, bytes) => {
      const digest = Buffer.from(bytes.subarray(0, digestLength(algorithm)));
      const hex = digest.toString('hex');
      const base64 = digest.toString('base64');
      const spellings = [hex, hex.toUpperCase(), base64, base64.replace(/=+$/, ''), digest.toString('base64url'), ` ${hex}\n`];
      expect(new Set(spellings.map((text) => parseDigest(algorithm, text)))).to.deep.equal(new Set([hex]));
    }));
  });

  it('goes by the length when base64 happens to be made of hex digits', () => {
    const text = `${'ab12'.repeat(10)}abc=`;
    expect(parseDigest('sha256', text)).to.equal(Buffer.from(text, 'base64').toString('hex'));
    expect(parseDigest('md5', 'ab12'.repeat(8))).to.equal('ab12'.repeat(8));
  });

  it('never reads a digest of another length', () => {
    const anyBytes = fc.uint8Array({minLength: 1, maxLength: 130, size: 'max'});
    fc.assert(fc.property(fc.constantFrom(...algorithms), anyBytes, (algorithm, bytes) => {
      fc.pre(bytes.length !== digestLength(algorithm));
      const digest = Buffer.from(bytes);
      for (const text of [digest.toString('hex'), digest.toString('base64'), digest.toString('base64url')]) {
        const length = text.replace(/=+$/, '').length;
        fc.pre(length !== 2 * digestLength(algorithm) && length !== Math.ceil(digestLength(algorithm) * 4 / 3));
        expect(() => parseDigest(algorithm, text)).to.throw(Error, 'digest: ');
      }
    }));
  });

  it('names algorithm, expected and given length', () => {
    expect(() => parseDigest('SHA-1', 'abc'))
      .to.throw(RangeError, 'digest: expected a sha1 digest of 40 hex or 28 base64 characters (20 bytes), got 3 characters');
  });

  const bytes = Buffer.alloc(32, 0xfb);
  const broken: Readonly<Record<string, string>> = {
    'a character that is not hex': 'g'.repeat(64),
    'a character that is not base64': `${'*'.repeat(43)}=`,
    'both base64 alphabets in one text': `+${bytes.toString('base64url').slice(1, 20)}-${bytes.toString('base64url').slice(21)}`,
    'bits that no encoder writes': `${'A'.repeat(42)}B=`,
    'padding in the middle': `${'A'.repeat(20)}=${'A'.repeat(22)}=`,
    'too much padding': `${'A'.repeat(42)}==`,
  };
  for (const [what, text] of Object.entries(broken)) {
    it(`refuses ${what}`, () => { expect(() => parseDigest('sha256', text)).to.throw(TypeError, 'digest: expected a sha256 digest'); });
  }
});

describe('parseIntegrity', () => {
  const sri = (algorithm: string, text: string): string => `${algorithm}-${createHash(algorithm).update(text).digest('base64')}`;
  const named = (algorithm: string, text: string): object => ({algorithm, hex: createHash(algorithm).update(text).digest('hex')});

  it('reads one hash', () => {
    expect(parseIntegrity(sri('sha512', 'a'))).to.deep.equal([named('sha512', 'a')]);
  });

  it('gives the alternatives of the strongest algorithm, whatever the order and white space', () => {
    const text = `\n${sri('sha256', 'a')}\t${sri('sha384', 'b')} ${sri('sha1', 'c')}\r\n ${sri('sha384', 'd')} ${sri('sha384', 'b')} `;
    expect(parseIntegrity(text)).to.deep.equal([named('sha384', 'b'), named('sha384', 'd')]);
  });

  it('ignores options and the case of the algorithm', () => {
    expect(parseIntegrity(`${sri('sha256', 'a').replace('sha256', 'SHA256')}?ct=text/plain?x-y`)).to.deep.equal([named('sha256', 'a')]);
  });

  it('passes over algorithms that it does not know while a known one is there', () => {
    expect(parseIntegrity(`blake3-AAAA sha3-512-AAAA ${sri('sha1', 'a')}`)).to.deep.equal([named('sha1', 'a')]);
  });

  it('reads the digest in base64url as well', () => {
    const digest = createHash('sha256').update('a').digest();
    expect(parseIntegrity(`sha256-${digest.toString('base64url')}`)).to.deep.equal([{algorithm: 'sha256', hex: digest.toString('hex')}]);
  });

  it('refuses a text of which nothing is left', () => {
    for (const text of ['', '  ', 'blake3-AAAA']) expect(() => parseIntegrity(text))
      .to.throw(RangeError, 'integrity: expected hashes such as');
  });

  it('refuses a broken hash instead of falling back to a weaker one', () => {
    expect(() => parseIntegrity(`sha512-AAAA ${sri('sha1', 'a')}`)).to.throw(RangeError, 'digest: expected a sha512 digest');
    expect(() => parseIntegrity(`sha512 ${sri('sha1', 'a')}`)).to.throw(TypeError, 'integrity: ');
    expect(() => parseIntegrity(5 as unknown as string)).to.throw(TypeError, 'integrity: ');
  });
});
