import {expect} from 'chai';
import {gzipSync} from 'node:zlib';
import {stanzasOf, type Stanza} from '../../../src/streamer/importers/stanzas.js';

const MOST = 64 * 1024 * 1024;
const read = async (text: string, fields = ['name', 'files'], most = MOST): Promise<Stanza[]> => {
  const all: Stanza[] = [];
  for await (const some of stanzasOf(gzipSync(text), fields, most)) all.push(...some);
  return all;
};
const refusal = (text: string, most?: number): Promise<string> =>
  read(text, undefined, most).then(() => 'none', (thrown: unknown) => {
    expect(thrown).to.be.instanceOf(RangeError);
    return String(thrown);
  });
const plain = (stanzas: readonly Stanza[]): unknown[] => stanzas.map((stanza) => Object.fromEntries(stanza));

describe('stanzasOf', () => {
  it('gives the lines of the fields that are wanted, whatever their case and order', async () => {
    const text = ['Name: a', 'Other: no', ' Name: not this',
      'FILES:', ' x 1', '\ty 2', 'Last: b', '', '', 'files: z', ' ', ' w', 'name:b', ''].join('\n');
    const expected = [{name: ['a'], files: ['', 'x 1', 'y 2']}, {files: ['z', '', 'w'], name: ['b']}];
    expect(plain(await read(text))).to.deep.equal(expected);
    expect(plain(await read(text.replaceAll('\n', '\r\n')))).to.deep.equal(expected);
  });

  it('takes no line from another stanza, and no field from a line that has none', async () => {
    expect(plain(await read(' lost\nName: a\n\n lost\nfiles\n lost\nOther: x\n\nName: b\n'))).to.deep.equal([{name: ['a']}, {name: ['b']}]);
  });

  it('gives the last one without an empty line after it', async () => {
    expect(plain(await read('Name: a\nFiles:\n x'))).to.deep.equal([{name: ['a'], files: ['', 'x']}]);
  });

  it('reads xz, and refuses one that is cut or broken', async () => {
    const packed = Buffer.from('/Td6WFoAAATm1rRGAgAhARwAAAAQz1jMAQAdTmFtZTogcGFja2VkCkZpbGVzOgogYSAxCiBiIDIKAAAApK/nP93/tBEAATYePRmVUx+2830BAAAAAARZWg==',
      'base64');
    const readAll = async (body: Buffer): Promise<Stanza[]> => {
      const all: Stanza[] = [];
      for await (const some of stanzasOf(body, ['name', 'files'], MOST)) all.push(...some);
      return all;
    };
    expect(plain(await readAll(packed))).to.deep.equal([{name: ['packed'], files: ['', 'a 1', 'b 2']}]);
    const broken = Buffer.from(packed);
    broken[30] = 0;
    for (const body of [packed.subarray(0, -30), broken]) expect(await readAll(body).then(() => 'read', () => 'refused')).to.equal('refused');
  });

  it('refuses what would fill memory: too much, a long line, a long stanza', async () => {
    expect(await refusal('Name: a\n', 7)).to.include('it has more than 7 bytes');
    expect(await refusal('x'.repeat(3 * 1024 * 1024))).to.include('a line with more than 1048576');
    expect((await read(`Files:\n${' x\n'.repeat(10_000)}\nFiles:\n${' x\n'.repeat(10_000)}`)).length).to.equal(2);
    expect(await refusal(`Files:\n${' x\n'.repeat(10_001)}`)).to.include('a stanza with more than 10000 lines');
    expect((await read(`Other:\n${' x\n'.repeat(20_000)}`)).length).to.equal(0);
  });
});
