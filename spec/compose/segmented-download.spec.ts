import {expect} from 'chai';
import {SegmentedDownload} from '../../src/compose/segmented-download.js';
import {Context} from '../../src/core/context.js';
import {versionOf} from '../../src/download/resume-key.js';
import {ProgressMonitor} from '../../src/monitor/progress-monitor.js';
import {GOVERNOR} from '../../src/policy/governor.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {downloadContract} from '../../src/testing/download-contract.js';
import {EventLog} from '../../src/testing/event-log.js';
import {fileAnswer} from '../../src/testing/file-answer.js';
import {Moment} from '../../src/testing/moment.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {BODY, digestsOf, expectAlone, PIECE, segmented, sha256, startsOf} from './segment-site.js';

describe('SegmentedDownload', () => {
  const folder = useTempFolder();
  let server: ScriptedServer;
  beforeEach(async () => { server = await ScriptedServer.start(); });
  afterEach(() => server.close());

  const right = (name?: string): Promise<void> => expectAlone(folder, name);

  it('asks for four parts at once, and brings the right bytes', async () => {
    const all = new Moment();
    server.on('/f', (request) => {
      if (server.requests.length === 4) all.reach();
      return fileAnswer(BODY, {holdBody: all.reached})(request);
    });
    const download = segmented({url: server.url('/f'), writer: new FileWriter(folder.join('f')), retry: noRetry()});
    const result = await download.run();
    expect(result).to.include({outcome: 'fetched', durability: 'full', unverifiedResume: false});
    expect(result.facts.size).to.equal(BODY.length);
    await right();
    const starts = startsOf(server.requests).slice(0, 4).sort((a, b) => Number(a) - Number(b));
    expect(starts).to.deep.equal([0, 7, 13, 20].map((piece) => piece * PIECE));
    const etag = result.reply?.validators.etag;
    expect(etag).to.match(/^"/);
    expect(server.requests.map(({headers}) => headers['if-range'])).to.deep.equal([undefined, ...server.requests.slice(1).map(() => etag)]);
    expect(result.sources).to.have.length(1);
    expect(result.sources[0]).to.deep.include({url: server.url('/f'), requests: server.requests.length, badPieces: 0, fault: undefined});
  });

  it('lets an idle transfer halve what is left of another, on the grid', async () => {
    const rest = new Moment();
    server.on('/f', (request) => {
      // Three are fast; the one in the middle is held until another has taken some of its work.
      if (server.requests.length > 4) rest.reach();
      const slow = request.headers.range === `bytes=${7 * PIECE}-${13 * PIECE - 1}`;
      return fileAnswer(BODY, slow ? {holdBody: rest.reached} : {})(request);
    });
    await segmented({url: server.url('/f'), writer: new FileWriter(folder.join('f')), retry: noRetry()}).run();
    await right();
    expect(server.requests.length).to.be.above(4);
    expect(startsOf(server.requests).every((start) => start !== undefined && start % PIECE === 0)).to.equal(true);
  });

  it('takes a permit for each transfer, and none for itself', async () => {
    for (const total of [1, 3]) {
      const context = new Context({limits: {total}});
      let most = 0;
      server.on('/f', (request) => {
        most = Math.max(most, context.get(GOVERNOR)?.running ?? 0);
        return fileAnswer(BODY, {drip: {bytes: 16_384, everyMs: 1}})(request);
      });
      await segmented({url: server.url('/f'), writer: new FileWriter(folder.join(`f${total}`)), retry: noRetry(), context}).run();
      expect((await folder.read(`f${total}`)).equals(BODY)).to.equal(true);
      expect(most).to.equal(total);
      expect(context.get(GOVERNOR)?.running).to.equal(0);
      await context.close();
    }
  });

  const streams: Record<string, {answer?: Parameters<typeof fileAnswer>[1]; size?: number; status: number}> = {
    'a server that ignores ranges': {answer: {range: 'ignored'}, status: 200},
    'a file below the threshold': {size: 20_000, status: 206},
    'a file of one piece': {size: PIECE, status: 206},
    'an empty file': {size: 0, status: 416},
    'a weak validator': {answer: {validator: 'weak'}, status: 206},
    'a date too young to tell versions apart': {answer: {validator: 'young-date'}, status: 206},
    'no validator': {answer: {validator: 'none'}, status: 206},
    'a range without its total': {answer: {range: 'unknown-total'}, status: 200},
    'a range without its place': {answer: {range: 'no-content-range'}, status: 200},
    'an unasked encoding of ranges': {answer: {range: 'encoded'}, status: 200},
    'a refusal of ranges': {answer: {range: '416'}, status: 200},
  };
  for (const [what, {answer, size = BODY.length, status}] of Object.entries(streams)) {
    it(`takes one stream from ${what}`, async () => {
      server.on('/f', fileAnswer(BODY.subarray(0, size), answer));
      const result = await segmented({url: server.url('/f'), writer: new FileWriter(folder.join('f')), retry: noRetry()}).run();
      expect((await folder.read('f')).equals(BODY.subarray(0, size))).to.equal(true);
      expect(result.reply?.status).to.equal(status);
      expect(result.sources).to.deep.equal([]);
      const refused = status === 200 && answer?.range !== 'ignored';
      expect(startsOf(server.requests)).to.deep.equal(refused ? [0, undefined] : [0]);
      expect(await folder.list()).to.deep.equal(['f']);
    });
  }

  it('takes parts of a file without validators when a digest proves them', async () => {
    server.on('/f', fileAnswer(BODY, {validator: 'none'}));
    const validations = [new DigestValidation('sha256', sha256(BODY))];
    const result = await segmented({url: server.url('/f'), writer: new FileWriter(folder.join('f')), validations}).run();
    await right();
    expect(server.requests.length).to.be.above(3);
    expect(result.unverifiedResume).to.equal(false);
  });

  it('says when parts were joined on no better evidence than a date', async () => {
    server.on('/f', fileAnswer(BODY, {validator: 'date'}));
    const result = await segmented({url: server.url('/f'), writer: new FileWriter(folder.join('f'))}).run();
    await right();
    expect(server.requests.length).to.be.above(3);
    expect(result.unverifiedResume).to.equal(true);
  });

  it('asks as an HttpDownload does when the writer can\'t write anywhere, or for one segment', async () => {
    server.on('/f', fileAnswer(BODY));
    const download = new SegmentedDownload({url: server.url('/f'), threshold: 0});
    await download.run();
    await segmented({url: server.url('/f'), segments: 1, writer: new FileWriter(folder.join('f'))}).run();
    expect(startsOf(server.requests)).to.deep.equal([undefined, undefined]);
    await right();
  });

  it('tells one attempt, and every byte once with its place', async () => {
    server.on('/f', fileAnswer(BODY, {drip: {bytes: 3000, everyMs: 1}}));
    const validations = [new DigestValidation('sha256', sha256(BODY))];
    const download = segmented({url: server.url('/f'), writer: new FileWriter(folder.join('f')), validations});
    const log = new EventLog(download);
    const seen = Buffer.alloc(BODY.length);
    const held: number[] = [];
    let bytes = 0;
    let telling = 0;
    download.register('fetched', async (event) => {
      expect(++telling, 'one after the other').to.equal(1);
      seen.set(event.buffer, event.offset);
      bytes += event.buffer.byteLength;
      held.push(event.held ?? -1);
      await Promise.resolve();
      telling--;
    });
    const monitor = new ProgressMonitor(download, {onProgress: ({bytes: now, total, percent}) => {
      expect(percent ?? 0).to.be.at.most(100);
      expect(now).to.be.at.most(total ?? 0);
    }});
    const result = await download.run();
    const told = log.lines.filter((line) => !line.startsWith('fetched'));
    expect(told).to.deep.equal(['prepared', 'sent 1 @0', 'replied 1 206', 'succeeded fetched']);
    expect(seen.equals(BODY)).to.equal(true);
    expect(bytes).to.equal(BODY.length);
    expect(held).to.deep.equal([...held].sort((a, b) => a - b));
    expect(monitor.progress()).to.include({bytes: BODY.length, percent: 100, rewinds: 0});
    expect(result.attempts.map(({offset, bytes: brought, status}) => [offset, brought, status])).to.deep.equal([[0, BODY.length, 206]]);
  });

  it('refuses what is not the file, published nothing', async () => {
    server.on('/f', fileAnswer(BODY));
    const validations = [new DigestValidation('sha256', sha256(Buffer.from('another')))];
    const download = segmented({url: server.url('/f'), writer: new FileWriter(folder.join('f')), validations, retry: noRetry()});
    const error: unknown = await download.run().catch((thrown: unknown) => thrown);
    expect(error).to.include({code: 'DIGEST_MISMATCH'});
    expect(await folder.list()).to.deep.equal([]);
  });

  it('asks under the condition of a kept version, and keeps it', async () => {
    server.on('/f', fileAnswer(BODY));
    const validations = (): DigestValidation[] => [new DigestValidation('sha256', sha256(BODY))];
    const first = await segmented({url: server.url('/f'), writer: new FileWriter(folder.join('f')), validations: validations()}).run();
    const asked = server.requests.length;
    const again = segmented({url: server.url('/f'), writer: new FileWriter(folder.join('f')), ifChanged: versionOf(first)});
    expect((await again.run()).outcome).to.equal('notModified');
    expect(server.requests.length).to.equal(asked + 1);
    server.on('/f', fileAnswer(BODY.subarray(1)));
    const changed = segmented({url: server.url('/f'), writer: new FileWriter(folder.join('f')), ifChanged: versionOf(first)});
    expect((await changed.run()).outcome).to.equal('fetched');
    expect((await folder.read('f')).equals(BODY.subarray(1))).to.equal(true);
    expect(server.requests.length, 'the first request is of use').to.be.above(asked + 3);
  });

  it('clones with its terms', async () => {
    server.on('/f', fileAnswer(BODY));
    const copy = segmented({url: server.url('/f'), pieces: digestsOf(BODY), writer: new FileWriter(folder.join('f'))}).clone();
    const writer = new FileWriter(folder.join('f'));
    (copy as SegmentedDownload).writer = writer;
    await copy.run();
    await right();
    expect(startsOf(server.requests).every((start) => start !== undefined && start % PIECE === 0)).to.equal(true);
    expect(server.requests.length).to.be.above(3);
  });

  it('names the option that is wrong', () => {
    const wrong = (options: object): () => SegmentedDownload => () => new SegmentedDownload({url: 'http://h.example/f', ...options});
    expect(wrong({segments: 0})).to.throw(RangeError, 'segments');
    expect(wrong({segments: 65})).to.throw(RangeError, 'segments');
    expect(wrong({threshold: -1})).to.throw(RangeError, 'threshold');
    expect(wrong({pieceLength: 0})).to.throw(RangeError, 'pieceLength');
    expect(wrong({pieces: {length: 1, algorithm: 'nope', hashes: ['a']}})).to.throw(RangeError, 'algorithm');
    expect(wrong({pieces: {length: 1, algorithm: 'md5', hashes: []}})).to.throw(TypeError, 'pieces.hashes');
    expect(wrong({pieces: digestsOf(BODY), pieceLength: 4})).to.throw(TypeError, 'pieceLength');
    expect(wrong({sources: ['ftp://h.example/f']})).to.throw(TypeError, 'sources[0]');
    expect(wrong({sources: ['http://u:p@h.example/f']})).to.throw(TypeError, 'sources[0]');
    expect(wrong({segment: 4})).to.throw(TypeError, '\'segment\'');
  });

  let made = 0;
  downloadContract({describe, it}, {
    name: 'SegmentedDownload in one stream',
    make: ({bytes, fault}, options) => {
      const path = `/c${++made}`;
      const half = bytes.byteLength >> 1;
      server.on(path, (request) => fault === 'missing' ? {status: 404}
        : fault === 'silent' ? fileAnswer(bytes, {stallAt: half})(request)
          : fileAnswer(bytes, fault === 'cut' && request.nth === 1 ? {cutAt: half, cut: 'end'} : {})(request));
      return new SegmentedDownload({...options, threshold: 0, url: server.url(path)});
    },
    leftovers: () => Array.from({length: server.open}, () => 'connection'),
  });
});
