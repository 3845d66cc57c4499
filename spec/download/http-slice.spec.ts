import {createHash} from 'node:crypto';
import {expect} from 'chai';
import {SegmentedDownload} from '../../src/compose/segmented-download.js';
import {MirrorDelegate} from '../../src/delegate/mirror-delegate.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import {fileAnswer, inTurn, patterned, RecordingWriter, useTempFolder} from '../../src/testing/index.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {useWire} from '../support/wire.js';
import {fetched, verdict, type Fetched} from './fetching.js';

const WHOLE = patterned(100_000);
const PART = WHOLE.subarray(1000, 60_000);
const OTHER = patterned(100_000, 7);
const RANGE = {start: 1000, end: 59_999};

describe('HttpDownload: range', () => {
  const wire = useWire();
  const folder = useTempFolder();

  const fetch = (options: Partial<HttpDownloadOptions>): Promise<Fetched> =>
    fetched({url: wire.server.url('/file'), range: RANGE, context: wire.context, ...options});
  const ranges = (): (string | undefined)[] => wire.server.requestsFor('/file').map(({headers}) => headers.range);
  const sha256 = (bytes: Uint8Array): DigestValidation => new DigestValidation('sha256', createHash('sha256').update(bytes).digest('hex'));

  for (const [start, end] of [[0, 0], [0, undefined], [1000, 59_999], [99_999, undefined], [99_999, 200_000], [0, 99_999]] as const) {
    for (const conduct of ['supported', 'ignored'] as const) {
      it(`fetches bytes ${start} to ${end ?? 'the end'} of a source with ranges ${conduct}`, async () => {
        const part = WHOLE.subarray(start, (end ?? Infinity) + 1);
        wire.server.on('/file', fileAnswer(WHOLE, {range: conduct}));
        const one = await fetch({range: {start, end}});
        expect(one.writer.bytes.equals(part)).to.equal(true);
        expect(one.result?.facts.size).to.equal(part.byteLength);
        expect(one.result?.reply?.range).to.deep.equal({start, total: 100_000});
        expect(ranges()).to.deep.equal([`bytes=${start}-${end ?? ''}`]);
      });
    }
  }

  it('takes a range out of a body whose size is not told', async () => {
    wire.server.on('/file', fileAnswer(WHOLE, {range: 'ignored', framing: 'chunked'}));
    const one = await fetch({});
    expect(one.writer.bytes.equals(PART)).to.equal(true);
  });

  it('validates the range, and not the file', async () => {
    wire.server.on('/file', fileAnswer(WHOLE));
    expect(verdict(await fetch({validations: [sha256(PART)]}))).to.match(/^ok published/);
    expect(verdict(await fetch({validations: [sha256(WHOLE)]}))).to.equal('DIGEST_MISMATCH source-bad');
  });

  for (const second of [WHOLE, OTHER]) {
    it(`after a cut it ${second === WHOLE ? 'goes on' : 'begins again when the file changed'}, within the range`, async () => {
      wire.server.on('/file', inTurn(fileAnswer(WHOLE, {cutAt: 20_000, cut: 'end'}), fileAnswer(second)));
      const one = await fetch({retry: undefined});
      expect(one.writer.bytes.equals(second.subarray(1000, 60_000))).to.equal(true);
      expect(ranges().slice(0, 2)).to.deep.equal(['bytes=1000-59999', 'bytes=21000-59999']);
    });
  }

  it('fails when the file has no such byte', async () => {
    for (const conduct of ['supported', 'ignored'] as const) {
      wire.server.on('/file', fileAnswer(WHOLE, {range: conduct}));
      const one = await fetch({range: {start: 100_000}});
      expect([verdict(one), (one.error as unknown as {status: number}).status]).to.deep.equal(['REPLY_FAILED fatal', 416]);
      expect(one.error?.message).to.contain('has no byte 100000');
    }
  });

  it('never takes what another range left for its own', async () => {
    const run = async (start: number): Promise<string> => {
      const writer = new FileWriter(folder.join('part'), {resume: true});
      const range = {start, end: start + 39_999};
      const download = new HttpDownload({url: wire.server.url('/file'), writer, range, retries: 0, context: wire.context});
      return download.run().then(({outcome}) => outcome, (error: unknown) => (error as {code: string}).code);
    };
    wire.server.on('/file', fileAnswer(WHOLE, {cutAt: 30_000, cut: 'end'}));
    expect(await run(0)).to.equal('INTERRUPTED');
    wire.server.on('/file', fileAnswer(WHOLE));
    expect(await run(50_000)).to.equal('fetched');
    expect((await folder.read('part')).equals(WHOLE.subarray(50_000, 90_000))).to.equal(true);
    expect(ranges().at(-1)).to.equal('bytes=50000-89999');
  });

  it('is about this file alone: a list fetched by a clone is fetched whole', async () => {
    wire.server.on('/file', fileAnswer(WHOLE)).on('/list', fileAnswer(`${wire.server.url('/file')}\n`));
    const download = new HttpDownload({url: wire.server.url('/file'), range: RANGE, context: wire.context, writer: new RecordingWriter()});
    new MirrorDelegate({list: wire.server.url('/list')}).attach(download);
    expect((await download.run()).facts.size).to.equal(PART.byteLength);
    expect(wire.server.requestsFor('/list').map(({headers}) => headers.range)).to.deep.equal([undefined]);
    expect(ranges()).to.deep.equal(['bytes=1000-59999']);
  });

  it('refuses what contradicts', () => {
    const url = 'http://h/file';
    expect(() => new HttpDownload({url, range: {start: 5, end: 4}})).to.throw(RangeError, 'range.end');
    expect(() => new HttpDownload({url, range: {start: -1}})).to.throw(RangeError, 'range.start');
    expect(() => new HttpDownload({url, range: {start: 0}, method: 'HEAD'})).to.throw(TypeError, 'range');
    expect(() => new SegmentedDownload({url, range: {start: 0}})).to.throw(TypeError, 'range');
  });
});
