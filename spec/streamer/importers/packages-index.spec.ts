import {expect} from 'chai';
import {gzipSync} from 'node:zlib';
import {ProtocolError} from '../../../src/core/errors.js';
import {PackagesIndex} from '../../../src/streamer/importers/packages-index.js';
import {faultOf, hexOf} from './asking.js';

const LIST = 'f'.repeat(64);
const stanza = (name: string, hex = hexOf('sha256', name)): string => `Package: x\nDescription: y\n Filename: not/this\nFilename: ${name}\nSHA256: ${hex}\n\n`;

describe('PackagesIndex', () => {
  it('finds the digest of every file of a list, plain or gzip, and of no other', async () => {
    const names = Array.from({length: 3_000}, (_one, at) => `pool/main/p/p${at}/p${at}_1%3a_amd64.deb`);
    const text = Buffer.from(names.map((name) => stanza(name)).join(''));
    for (const body of [text, gzipSync(text)]) {
      const index = await PackagesIndex.read(body, LIST);
      expect([index.size, index.list, index.weight]).to.deep.equal([3_000, LIST, 3_000 * 48 + 200]);
      expect(names.filter((name) => index.get(name) !== hexOf('sha256', name))).to.deep.equal([]);
      expect([index.get('pool/other'), index.get(''), index.get('not/this')]).to.deep.equal([undefined, undefined, undefined]);
    }
  });

  it('takes no digest from another package', async () => {
    const index = await PackagesIndex.read(Buffer.from(`Filename: a\n\nSHA256: ${LIST}\n\nFilename: b\nSHA256: short\n\nFilename: ./c\nSHA256: ${LIST}`), LIST);
    expect([index.get('a'), index.get('b'), index.get('c'), index.size]).to.deep.equal([undefined, undefined, LIST, 1]);
  });

  it('knows nothing of an empty list', async () => {
    expect((await PackagesIndex.read(Buffer.alloc(0), LIST)).size).to.equal(0);
  });

  it('refuses gzip that is cut or broken', async () => {
    const whole = gzipSync(Buffer.from(stanza('a').repeat(1_000)));
    expect(await faultOf(PackagesIndex.read(whole.subarray(0, -9), LIST))).to.be.instanceOf(ProtocolError);
    expect(await faultOf(PackagesIndex.read(Buffer.from([0x1f, 0x8b, 1, 2, 3]), LIST))).to.be.instanceOf(ProtocolError);
  });

  it('refuses a list that unpacks to too much', async () => {
    const body = gzipSync(Buffer.from(stanza('a').repeat(100)));
    const long = gzipSync(Buffer.alloc(3 * 1024 * 1024, 'x'));
    const whole = {bytes: 100 * stanza('a').length, records: 100};
    expect((await PackagesIndex.read(body, LIST, whole)).size).to.equal(100);
    for (const bounds of [{...whole, bytes: whole.bytes - 1}, {...whole, records: 99}]) {
      expect((await faultOf(PackagesIndex.read(body, LIST, bounds))).message).to.match(/can't be read: it has more than \d+/);
    }
    expect((await faultOf(PackagesIndex.read(long, LIST))).message).to.include('a line with more than');
  });
});
