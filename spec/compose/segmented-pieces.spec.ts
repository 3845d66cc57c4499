import {expect} from 'chai';
import type {SequenceStart} from '../../src/core/contract.js';
import {checkPieces, PieceValidation} from '../../src/compose/piece-digests.js';
import {SegmentedDownload} from '../../src/compose/segmented-download.js';
import {Context} from '../../src/core/context.js';
import {DigestMismatch, ValidationError} from '../../src/core/errors.js';
import {MetalinkDelegate} from '../../src/delegate/metalink-delegate.js';
import {DigestSet} from '../../src/monitor/digest-set.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {split} from '../../src/testing/bytes.js';
import {EventLog} from '../../src/testing/event-log.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {fileAnswer} from '../../src/testing/file-answer.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {askedBytes, BODY, digestsOf, expectAlone, PIECE, piecesOf, segmented, sha256, startsOf} from './segment-site.js';

/** The body with one byte of each of these pieces changed. */
function spoiled(...pieces: number[]): Buffer {
  const body = Buffer.from(BODY);
  for (const piece of pieces) body[piece * PIECE + 9] = (body[piece * PIECE + 9] ?? 0) ^ 0x40;
  return body;
}

describe('SegmentedDownload with piece digests', () => {
  const folder = useTempFolder();
  let a: ScriptedServer;
  let b: ScriptedServer;
  let context: Context;
  beforeEach(async () => {
    [a, b] = [await ScriptedServer.start(), await ScriptedServer.start()];
    context = new Context({clock: new TestClock({autoAdvance: true})});
  });
  afterEach(async () => {
    await context.close();
    await Promise.all([a.close(), b.close()]);
  });

  const download = (options = {}): ReturnType<typeof segmented> =>
    segmented({url: a.url('/f'), writer: new FileWriter(folder.join('f')), context, pieces: digestsOf(BODY), retry: noRetry(), ...options});
  const right = (): Promise<void> => expectAlone(folder);

  it('fetches a bad piece again from another source', async () => {
    a.on('/f', fileAnswer(spoiled(3), {validator: {etag: '"a"'}}));
    b.on('/f', (request) => a.requests.length === 0 ? {status: 500} : fileAnswer(BODY, {validator: {etag: '"b"'}})(request));
    const result = await download({segments: 2, sources: [b.url('/f')]}).run();
    await right();
    expect(result.sources.map(({badPieces}) => badPieces)).to.deep.equal([1, 0]);
    expect(startsOf(a.requests).filter((start) => start === 3 * PIECE)).to.deep.equal([]);
    expect(startsOf(b.requests)).to.include(3 * PIECE);
  });

  it('asks the other source for that piece alone', async () => {
    const body = spoiled(3);
    let finished: () => void = () => undefined;
    const first = new Promise<void>((resolve) => { finished = resolve; });
    a.on('/f', fileAnswer(body, {validator: {etag: '"a"'}}));
    // The other one is held until the first one has given everything it can.
    b.on('/f', (request) => fileAnswer(BODY, {validator: {etag: '"b"'}, holdBody: first})(request));
    const one = download({segments: 2, sources: [b.url('/f')]});
    one.register('fetched', ({held}) => { if ((held ?? 0) >= BODY.length - 2 * PIECE) finished(); });
    await one.run();
    await right();
    const again = b.requests.filter(({headers}) => headers.range === `bytes=${3 * PIECE}-${4 * PIECE - 1}`);
    expect(again).to.have.length(1);
    expect(askedBytes(b.requests)).to.be.below(BODY.length);
  });

  it('drops a source after two bad pieces', async () => {
    a.on('/f', fileAnswer(spoiled(...Array.from({length: 26}, (_, at) => at)), {validator: {etag: '"a"'}}));
    b.on('/f', fileAnswer(BODY));
    const result = await download({sources: [b.url('/f')]}).run();
    await right();
    const [first, second] = result.sources;
    expect(first?.fault?.code).to.equal('DIGEST_MISMATCH');
    expect(first?.badPieces).to.be.within(2, 3);
    expect(second).to.include({badPieces: 0, fault: undefined});
  });

  it('asks the only source once more past caches, for the bad piece alone', async () => {
    const bad = spoiled(20);
    a.on('/f', (request) => fileAnswer(request.headers['cache-control'] === 'no-cache' ? BODY : bad,
      {validator: {etag: '"same"'}, drip: {bytes: 1024, everyMs: 1}})(request));
    const one = download({retry: undefined});
    const log = new EventLog(one);
    const result = await one.run();
    await right();
    expect(result.attempts.map(({error}) => error?.code)).to.deep.equal(['DIGEST_MISMATCH', undefined]);
    expect(result.sources.map(({badPieces}) => badPieces)).to.deep.equal([1]);
    const kept = log.of('replied').at(-1)?.reply.pieces?.kept ?? [];
    expect(kept.length, 'the others were good').to.be.above(1);
    const again = a.requests.filter(({headers}) => headers['cache-control'] === 'no-cache').flatMap(({headers}) => piecesOf(headers.range));
    expect(again).to.include(20);
    expect(again.filter((piece) => kept.includes(piece))).to.deep.equal([]);
  });

  it('fails when no source has a good piece, and leaves nothing', async () => {
    for (const server of [a, b]) server.on('/f', fileAnswer(spoiled(5)));
    const error = await faultOf(download({sources: [b.url('/f')]}).run());
    expect(error).to.be.instanceOf(DigestMismatch);
    expect(error.message).to.include(`the piece at byte ${5 * PIECE}`);
    expect(await folder.list()).to.deep.equal([]);
  });

  it('asks other sources only under proof', async () => {
    for (const server of [a, b]) server.on('/f', fileAnswer(BODY));
    const sources = [b.url('/f')];
    await download({pieces: undefined, pieceLength: PIECE, sources}).run();
    await download({pieces: digestsOf(BODY, PIECE, 'md5'), sources}).run();
    expect(b.requests).to.deep.equal([]);
    const validations = [new DigestValidation('sha256', sha256(BODY))];
    const result = await download({pieces: undefined, pieceLength: PIECE, sources: () => sources, validations}).run();
    expect(b.requests.length).to.be.above(0);
    expect(result.sources).to.have.length(2);
    await right();
  });

  it('goes on with the others when a source is missing, breaks off, or knows no ranges', async () => {
    a.on('/f', fileAnswer(BODY, {drip: {bytes: 4096, everyMs: 2}}));
    const broken = [fileAnswer(BODY, {cutAt: 10}), fileAnswer(BODY, {range: 'ignored'}), fileAnswer(BODY.subarray(1))];
    for (const answer of [{status: 404}, {status: 500}, ...broken]) {
      b.on('/f', answer);
      const asked = b.requests.length;
      const result = await download({sources: [b.url('/f')], validations: [new DigestValidation('sha256', sha256(BODY))]}).run();
      await right();
      expect(b.requests.length).to.be.above(asked);
      expect(result.attempts).to.have.length(1);
      expect(result.sources[1]?.fault).to.not.equal(undefined);
    }
  });

  it('judges one stream piece by piece as well', async () => {
    a.on('/f', fileAnswer(spoiled(3), {range: 'ignored'}));
    expect(await faultOf(download().run())).to.be.instanceOf(DigestMismatch);
    a.on('/f', fileAnswer(BODY, {range: 'ignored'}));
    await download().run();
    await right();
  });

  it('refuses a file that the pieces are not of', async () => {
    a.on('/f', fileAnswer(Buffer.concat([BODY, BODY])));
    const error = await faultOf(download().run());
    expect(error).to.be.instanceOf(ValidationError);
    expect(error.message).to.include(`expected 26 pieces of ${PIECE} bytes, got ${2 * BODY.length} bytes`);
  });
});

describe('PieceValidation', () => {
  const pieces = checkPieces(digestsOf(BODY));
  const judge = (body: Uint8Array, size: number, known = true): void => {
    const validation = new PieceValidation(() => known ? pieces : undefined);
    const start: SequenceStart = {digests: new DigestSet(), offset: 0};
    validation.begin(start);
    for (const chunk of split(body, size)) validation.update(chunk);
    validation.apply();
  };

  it('accepts the bytes however they are cut, and any bytes when there are no digests', () => {
    for (const size of [1000, PIECE, 2 * PIECE, 3 * PIECE + 1, BODY.length]) judge(BODY, size);
    judge(Buffer.from('anything'), 3, false);
  });

  it('refuses a changed piece, fewer bytes and more', () => {
    expect(() => { judge(spoiled(25), 1000); }).to.throw(DigestMismatch, `byte ${25 * PIECE}`);
    expect(() => { judge(BODY.subarray(0, -1), 1000); }).to.throw(DigestMismatch);
    expect(() => { judge(BODY.subarray(0, 3 * PIECE), 1000); }).to.throw(ValidationError, '3 pieces');
    expect(() => { judge(Buffer.concat([BODY, Buffer.alloc(2 * PIECE)]), 1000); }).to.throw(DigestMismatch);
    expect(() => { judge(Buffer.alloc(0), 1); }).to.throw(ValidationError, '0 pieces');
  });

  it('proves the whole only by digests that nobody can make at will', () => {
    expect(new PieceValidation(() => pieces).proof).to.equal('digest');
    expect(new PieceValidation(() => digestsOf(BODY, PIECE, 'sha1')).proof).to.equal(undefined);
    expect(new PieceValidation(() => undefined).proof).to.equal(undefined);
  });
});

describe('SegmentedDownload with a metalink', () => {
  const folder = useTempFolder();

  it('takes pieces and sources from the document', async () => {
    const good = await ScriptedServer.start();
    const bad = await ScriptedServer.start();
    try {
      good.on('/f', fileAnswer(BODY));
      bad.on('/f', fileAnswer(spoiled(2, 9, 17)));
      const {length, algorithm, hashes} = digestsOf(BODY);
      const document = `<metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="f"><size>${BODY.length}</size>
        <hash type="sha-256">${sha256(BODY)}</hash>
        <pieces length="${length}" type="${algorithm.replace('sha', 'sha-')}">${hashes.map((hash) => `<hash>${hash}</hash>`).join('')}</pieces>
        <url priority="1">${bad.url('/f')}</url><url priority="2">${good.url('/f')}</url></file></metalink>`;
      const metalink = new MetalinkDelegate({document});
      const download: SegmentedDownload = new SegmentedDownload({
        url: bad.url('/f'), writer: new FileWriter(folder.join('f')), threshold: 0,
        pieces: () => metalink.fileOf(download)?.pieces,
        sources: () => metalink.fileOf(download)?.urls.map((source) => source.url) ?? [],
      });
      metalink.attach(download);
      const result = await download.run();
      expect((await folder.read('f')).equals(BODY)).to.equal(true);
      expect(result.attempts).to.have.length(1);
      expect(result.sources).to.have.length(2);
    } finally {
      await Promise.all([good.close(), bad.close()]);
    }
  });
});
