import {expect} from 'chai';
import {gzipSync} from 'node:zlib';
import {ProtocolError} from '../../../src/core/errors.js';
import {FileIndex, type IndexFormat} from '../../../src/streamer/importers/file-index.js';
import {faultOf} from '../../../src/testing/fault-of.js';
import {hexOf} from './asking.js';

const LIST = 'f'.repeat(64);
/** A field with a file in it, named by its content. */
const FORMAT: IndexFormat = {
  what: 'a list of things', fields: ['file'],
  filesOf: (stanza) => (stanza.get('file') ?? []).map((name) => ({name, hex: hexOf('sha256', name).toUpperCase()})),
};
const stanza = (name: string): string => `Thing: x\nFile: ${name}\nOther: y\n\n`;

describe('FileIndex', () => {
  it('finds the digest of every file of a list, plain or gzip, and of no other', async () => {
    const names = Array.from({length: 3_000}, (_one, at) => `pool/main/p/p${at}/p${at}_1%3a_amd64.deb`);
    const text = Buffer.from(names.map(stanza).join(''));
    for (const body of [text, gzipSync(text)]) {
      const index = await FileIndex.read(body, LIST, FORMAT);
      expect([index.size, index.list, index.weight]).to.deep.equal([3_000, LIST, 3_000 * 48 + 200]);
      expect(names.filter((name) => index.get(name) !== hexOf('sha256', name))).to.deep.equal([]);
      expect([index.get('pool/other'), index.get('')]).to.deep.equal([undefined, undefined]);
    }
  });

  it('knows nothing of an empty list', async () => {
    expect((await FileIndex.read(Buffer.alloc(0), LIST, FORMAT)).size).to.equal(0);
  });

  it('refuses gzip that is cut or broken, in the name of the list', async () => {
    const whole = gzipSync(Buffer.from(stanza('a').repeat(1_000)));
    for (const body of [whole.subarray(0, -9), Buffer.from([0x1f, 0x8b, 1, 2, 3])]) {
      const fault = await faultOf(FileIndex.read(body, LIST, FORMAT));
      expect(fault).to.be.instanceOf(ProtocolError);
      expect(fault.message).to.match(/^a list of things can't be read: /);
    }
  });

  it('refuses a list that unpacks to too much', async () => {
    const body = gzipSync(Buffer.from(stanza('a').repeat(100)));
    const whole = {bytes: 100 * stanza('a').length, records: 100};
    expect((await FileIndex.read(body, LIST, FORMAT, whole)).size).to.equal(100);
    for (const bounds of [{...whole, bytes: whole.bytes - 1}, {...whole, records: 99}]) {
      expect((await faultOf(FileIndex.read(body, LIST, FORMAT, bounds))).message).to.match(/can't be read: it has more than \d+/);
    }
  });
});
