import {createHash} from 'node:crypto';
import {PassThrough} from 'node:stream';
import {text} from 'node:stream/consumers';
import {expect} from 'chai';
import {Event} from '../../src/core/event.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import {fileAnswer, faultOf, inTurn, patterned, ScriptedServer, useTempFolder, type FileAnswerOptions} from '../../src/testing/index.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {useWire} from '../support/wire.js';
import {StreamWriter} from '../../src/writer/stream-writer.js';

const SIZE = 10_000;
const BYTES = patterned(SIZE);
const MIB = 1024 * 1024;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('A download that goes on where it stopped', () => {
  const folder = useTempFolder();
  const wire = useWire();

  const download = (rest: Partial<HttpDownloadOptions> = {}, path = '/f'): HttpDownload =>
    new HttpDownload({url: wire.server.url(path), context: wire.context, writer: new FileWriter(folder.join('f')), ...rest});
  const ranges = (): (string | undefined)[] => wire.server.requests.map(({headers}) => headers.range);
  const cut = (at: number, rest: FileAnswerOptions = {}) => fileAnswer(BYTES, {...rest, cutAt: at, cut: 'end'});

  it('asks for the rest under the same entity tag, and judges the whole once', async () => {
    wire.server.on('/f', inTurn(cut(4000), cut(3000), fileAnswer(BYTES)));
    const seen: string[] = [];
    const note = (line: string): void => { seen.push(line); };
    const one = download({validations: [{begin: () => note('begin'), update: (chunk) => note(`${chunk.byteLength}`), apply: () => note('apply')}]});
    const sent: number[] = [];
    one.register(Event.SENT, ({offset}) => { sent.push(offset); });
    const offsets: number[] = [];
    one.register(Event.FETCHED, ({offset}) => { offsets.push(offset); });
    const {facts, attempts, unverifiedResume} = await one.run();
    expect(await folder.read('f')).to.deep.equal(BYTES);
    expect(ranges()).to.deep.equal([undefined, 'bytes=4000-', 'bytes=7000-']);
    expect(wire.server.requests[1]?.headers['if-range']).to.match(/^"/);
    expect(sent).to.deep.equal([0, 4000, 7000]);
    expect(attempts.map(({offset, bytes}) => [offset, bytes])).to.deep.equal([[0, 4000], [4000, 3000], [7000, 3000]]);
    expect(offsets).to.deep.equal([...offsets].sort((a, b) => a - b));
    expect(seen.filter((line) => Number.isNaN(Number(line)))).to.deep.equal(['begin', 'apply']);
    expect([facts.size, unverifiedResume]).to.deep.equal([SIZE, false]);
  });

  it('says that a continuation rested on a date alone, unless a digest proves the whole', async () => {
    wire.server.on('/f', inTurn(cut(4000, {validator: 'date'}), fileAnswer(BYTES, {validator: 'date'})));
    expect((await download().run()).unverifiedResume).to.equal(true);
    wire.server.on('/f', inTurn(cut(4000, {validator: 'date'}), fileAnswer(BYTES, {validator: 'date'})));
    expect((await download({validations: [new DigestValidation('sha256', sha256(BYTES))]}).run()).unverifiedResume).to.equal(false);
  });

  it('goes on into a stream, which could never begin again', async () => {
    wire.server.on('/f', inTurn(cut(4000), fileAnswer(BYTES)));
    const sink = new PassThrough();
    const body = text(sink.setEncoding('latin1'));
    await download({writer: new StreamWriter(sink)}).run();
    expect(await body).to.equal(BYTES.toString('latin1'));
  });

  it('fails, with nothing doubtful in the stream, when the file changed meanwhile', async () => {
    wire.server.on('/f', inTurn(cut(4000), fileAnswer(patterned(SIZE, 3))));
    const sink = new PassThrough();
    const chunks: Buffer[] = [];
    sink.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
    const error = await faultOf(download({writer: new StreamWriter(sink)}).run());
    expect(error.code).to.equal('RESUME_REJECTED');
    expect(Buffer.concat(chunks)).to.deep.equal(BYTES.subarray(0, 4000));
  });

  it('uses the body of a server that ignored the range, from byte 0, without asking again', async () => {
    wire.server.on('/f', inTurn(cut(4000), fileAnswer(BYTES, {range: 'ignored', headers: {'Accept-Ranges': 'bytes'}})));
    expect((await download().run()).attempts).to.have.length(2);
    expect([wire.server.requests.length, (await folder.read('f')).equals(BYTES)]).to.deep.equal([2, true]);
  });

  it('asks once more without If-Range when much is at stake and a server drops the range for the tag', async () => {
    const bytes = patterned(9 * MIB);
    wire.server.on('/f', inTurn(fileAnswer(bytes, {cutAt: 8 * MIB + 1, cut: 'end'}), fileAnswer(bytes, {range: 'if-range-refused'})));
    await download().run();
    expect(wire.server.requests.map(({headers}) => [headers.range, 'if-range' in headers])).to.deep.equal([
      [undefined, false], [`bytes=${8 * MIB + 1}-`, true], [`bytes=${8 * MIB + 1}-`, false],
    ]);
    expect((await folder.read('f')).equals(bytes)).to.equal(true);
  });

  it('joins two sources only when a digest proves the whole', async () => {
    await using other = await ScriptedServer.start();
    for (const proven of [true, false]) {
      wire.server.on('/f', cut(4000));
      other.on('/f', fileAnswer(BYTES));
      const one = download({validations: proven ? [new DigestValidation('sha256', sha256(BYTES))] : []});
      one.register(Event.ERROR, (event) => {
        one.url = other.url('/f');
        event.repaired = true;
      });
      await one.run();
      const [request] = other.requests.splice(0);
      expect([request?.headers.range, request?.headers['if-range']], `proven ${proven}`).to.deep.equal([proven ? 'bytes=4000-' : undefined, undefined]);
    }
  });

  it('starts over at a mismatch: bytes that a digest refused are never continued', async () => {
    wire.server.on('/f', inTurn(cut(4000), fileAnswer(BYTES, {range: 'other-bytes'}), fileAnswer(BYTES)));
    await download({validations: [new DigestValidation('sha256', sha256(BYTES))]}).run();
    expect(ranges()).to.deep.equal([undefined, 'bytes=4000-', undefined]);
    expect((await folder.read('f')).equals(BYTES)).to.equal(true);
  });

  it('tells resources apart by their query, whatever the tag: redirected to another one, it begins again', async () => {
    let turns = 0;
    wire.server.on('/f', () => ({status: 302, headers: {Location: `/get?id=${++turns}`}}));
    const validator = {etag: '"v1"'};
    wire.server.on('/get', (request) => request.path.endsWith('id=1') ? cut(4000, {validator})(request) : fileAnswer(patterned(SIZE, 5), {validator})(request));
    await download().run();
    expect((await folder.read('f')).equals(patterned(SIZE, 5))).to.equal(true);
  });

  it('knows an address again by a parameter that is masked in all that is told', async () => {
    wire.server.on('/f', inTurn(cut(4000), fileAnswer(BYTES)));
    const {reply, attempts} = await download({}, '/f?api_key=hunter2').run();
    expect(reply?.url).to.not.contain('hunter2');
    expect(attempts.map(({offset, bytes}) => [offset, bytes])).to.deep.equal([[0, 4000], [4000, 6000]]);
  });

  it('believes no 416 that names no version when the size was never known', async () => {
    wire.server.on('/f', inTurn(cut(4000, {framing: 'chunked'}),
      {status: 416, headers: {'Content-Range': 'bytes */4000'}}, fileAnswer(BYTES)));
    await download().run();
    expect((await folder.read('f')).equals(BYTES)).to.equal(true);
  });

  it('takes another weak tag for another version, even under the same date', async () => {
    const lastModified = 'Thu, 01 Jan 2015 00:00:00 GMT';
    wire.server.on('/f', inTurn(cut(4000, {validator: {etag: 'W/"1"', lastModified}}),
      fileAnswer(patterned(SIZE, 5), {validator: {etag: 'W/"2"', lastModified}})));
    await download().run();
    expect((await folder.read('f')).equals(patterned(SIZE, 5))).to.equal(true);
  });

  it('refunds retries after 1 MiB of progress', async () => {
    const bytes = patterned(6 * MIB);
    wire.server.on('/f', (request) => fileAnswer(bytes, {cutAt: 1.2 * MIB, cut: 'end'})(request));
    const {attempts} = await download({retries: 1}).run();
    expect(attempts.length).to.be.within(5, 6);
    wire.server.on('/f', (request) => fileAnswer(bytes, {cutAt: 1000, cut: 'end'})(request));
    expect((await faultOf(download({retries: 1}).run())).attempts).to.have.length(2);
  });
});
