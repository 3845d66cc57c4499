import {expect} from 'chai';
import fc from 'fast-check';
import {readBatchList, type ListOptions} from '../../src/batch/batch-list.js';
import {entriesOf} from './list-entries.js';

const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

async function urlsOf(text: string | Iterable<string | Uint8Array>, options?: ListOptions): Promise<(string | undefined)[]> {
  return (await entriesOf(text, options)).map(({item}) => item?.url);
}

describe('readBatchList', () => {
  it('reads one address a line, with comments, blank lines and either line end', async () => {
    expect(await entriesOf('# list\r\n\r\nhttps://a.example/x\r\n  https://a.example/y  \n', {format: 'urls'})).to.deep.equal([
      {line: 3, item: {url: 'https://a.example/x'}}, {line: 4, item: {url: 'https://a.example/y'}}]);
  });

  it('guesses the format by the first line that counts', async () => {
    expect(await urlsOf('\n# c\nhttps://a.example/x\n out=y\n')).to.deep.equal(['https://a.example/x']);
    expect(await urlsOf('\n{"url": "https://a.example/j"}\n')).to.deep.equal(['https://a.example/j']);
    expect(await urlsOf(`${SHA256}  a b\n`)).to.deep.equal(['a%20b']);
    expect(await urlsOf(`SHA256 (c/d) = ${SHA256}\n`)).to.deep.equal(['c/d']);
    expect(await urlsOf('')).to.deep.equal([]);
    expect(await urlsOf('# nothing\n')).to.deep.equal([]);
  });

  it('counts the lines before the first one that counts', async () => {
    expect((await entriesOf('# a\n\n# b\nhttps://a.example/x\n')).map(({line}) => line)).to.deep.equal([4]);
  });

  it('makes items of checksum lines: a relative address, the name, the digest', async () => {
    expect(await entriesOf(`# x\n${SHA256}  p/a#b?.iso\n`, {format: 'checksums'})).to.deep.equal([
      {line: 2, item: {url: 'p/a%23b%3F.iso', name: 'p/a#b?.iso', digests: [{algorithm: 'sha256', hex: SHA256}]}}]);
  });

  it('turns a wrong line into an entry with a fault and reads on', async () => {
    const [bad, bare, good] = await entriesOf(`nonsense\n${SHA256}\n${SHA256}  a\n`, {format: 'checksums'});
    expect(bad?.fault?.message).to.match(/^line 1: checksum: expected/);
    expect(bare?.fault?.message).to.match(/^line 2: .*the name of its file/);
    expect(good?.item?.name).to.equal('a');
  });

  it('gives the same entries wherever the bytes are cut', async () => {
    const bytes = Buffer.from('\ufeffhttps://a.example/ä\r\n\tout=ö\nhttps://b.example/€\r\n');
    const whole = await entriesOf([bytes]);
    expect(whole.map(({item}) => item?.url)).to.deep.equal(['https://a.example/ä', 'https://b.example/€']);
    await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.integer({min: 1, max: bytes.length - 1})), async (cuts) => {
      const ends = [0, ...cuts.sort((one, other) => one - other), bytes.length];
      expect(await entriesOf(ends.slice(1).map((end, at) => bytes.subarray(ends[at], end)))).to.deep.equal(whole);
    }), {numRuns: 50});
  });

  it('keeps nothing: an entry is there before the next line was read', async () => {
    let given = 0;
    const endless = function *(): Generator<string> {
      for (;;) yield `https://a.example/${++given}\n`;
    };
    for await (const {item} of readBatchList(endless(), {format: 'urls'})) if (item?.url.endsWith('/1000') === true) break;
    expect(given).to.equal(1000);
  });

  it('refuses lines without an end', async () => {
    const long = function *(): Generator<string> {
      for (;;) yield 'x'.repeat(100_000);
    };
    const error: unknown = await entriesOf(long(), {format: 'urls'}).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(RangeError).and.have.property('message').that.matches(/^line 1: expected a line of at most/);
  });

  it('refuses wrong options at once', () => {
    expect(() => readBatchList([], {format: 'xml' as 'urls'})).to.throw(TypeError,
      'format: expected one of auto, urls, aria2, jsonl, checksums, got "xml"');
    expect(() => readBatchList([], {algorithm: 'rot13'})).to.throw(RangeError, 'rot13');
    expect(() => readBatchList([], {formt: 'urls'} as ListOptions)).to.throw(TypeError, "unknown option 'formt'");
  });
});
