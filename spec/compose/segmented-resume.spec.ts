import {expect} from 'chai';
import {fork} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync} from 'node:fs';
import {readFile, writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import type {SegmentedResult} from '../../src/compose/segmented-download.js';
import {HttpDownload} from '../../src/download/http-download.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {patterned} from '../../src/testing/bytes.js';
import {EventLog} from '../../src/testing/event-log.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {fileAnswer, type FileAnswerOptions} from '../../src/testing/file-answer.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {BODY, digestsOf, expectAlone, PIECE, piecesOf, segmented, sha256, startsOf} from './segment-site.js';

/** A kill may leave the temporary file that was to become a journal; sweepParts takes it away. */
const stays = (name: string): boolean => !/\.jupiter\.[0-9a-f]{12}$/.test(name);
const SLOW: FileAnswerOptions = {drip: {bytes: 1024, everyMs: 2}};

describe('SegmentedDownload that goes on after another run', () => {
  const folder = useTempFolder();
  let server: ScriptedServer;
  beforeEach(async () => { server = await ScriptedServer.start(); });
  afterEach(() => server.close());

  const download = (options = {}): ReturnType<typeof segmented> =>
    segmented({url: server.url('/f'), writer: new FileWriter(folder.join('f'), {resume: true}), retry: noRetry(), ...options});
  const right = (body?: Buffer): Promise<void> => expectAlone(folder, 'f', body);
  /** Runs until so many bytes are held, then cancels. */
  const interrupt = async (bytes: number, options = {}): Promise<void> => {
    server.on('/f', fileAnswer(BODY, SLOW));
    const controller = new AbortController();
    const one = download(options);
    one.register('fetched', ({held}) => { if ((held ?? 0) >= bytes) controller.abort(); });
    expect((await faultOf(one.run(controller.signal))).code).to.equal('CANCELLED');
    const names = (await folder.list()).filter((name) => name !== 'f');
    expect(names.map((name) => name.replace(/[0-9a-f]{12,}/, '*')).sort()).to.deep.equal(['.*.jupiter', '.f.*.part']);
    server.requests.length = 0;
    server.bodyBytes = 0;
  };
  const journal = async (): Promise<Record<string, unknown>> =>
    JSON.parse(String(await folder.read((await folder.list()).find((name) => name.endsWith('.jupiter')) ?? ''))) as Record<string, unknown>;
  const part = async (): Promise<string> => folder.join((await folder.list()).find((name) => name.endsWith('.part')) ?? '');

  it('keeps the whole pieces of a cancelled run, wherever they stand, and fetches the others', async () => {
    await interrupt(BODY.length / 2);
    const entry = await journal();
    expect(entry).to.include({jupiter: 1});
    expect(entry.pieces).to.include({length: PIECE, algorithm: 'sha256'});
    server.on('/f', fileAnswer(BODY, {drip: {bytes: 1024, everyMs: 1}}));
    const one = download({validations: [new DigestValidation('sha256', sha256(BODY))]});
    const log = new EventLog(one);
    const result = await one.run();
    await right();
    expect(result.facts).to.deep.equal({size: BODY.length, sha256: sha256(BODY)});
    const kept = log.of('replied')[0]?.reply.pieces?.kept ?? [];
    expect(kept.length).to.be.above(5);
    expect(server.requests.flatMap(({headers}) => piecesOf(headers.range)).filter((piece) => kept.includes(piece))).to.deep.equal([]);
    expect(startsOf(server.requests).every((start) => start !== undefined && start % PIECE === 0)).to.equal(true);
    expect(server.requests.every(({headers}) => headers['if-range'] !== undefined)).to.equal(true);
  });

  it('fetches a kept piece again that was altered', async () => {
    await interrupt(BODY.length / 2);
    const path = await part();
    const bytes = await readFile(path);
    // Bytes 0 to 3 are those of a whole piece: the first transfer had the longest time.
    bytes[3] = (bytes[3] ?? 0) ^ 1;
    await writeFile(path, bytes);
    server.on('/f', fileAnswer(BODY));
    await download().run();
    await right();
    expect(startsOf(server.requests)).to.include(0);
  });

  it('takes nothing of another version', async () => {
    await interrupt(BODY.length / 2);
    const next = patterned(BODY.length, 99);
    server.on('/f', fileAnswer(next));
    await download({retry: undefined}).run();
    await right(next);
  });

  it('takes nothing of another version from a server that ignores If-Range', async () => {
    await interrupt(BODY.length / 2);
    const next = patterned(BODY.length, 98);
    server.on('/f', fileAnswer(next, {range: 'if-range-ignored'}));
    await download({retry: undefined}).run();
    await right(next);
  });

  it('leaves the bytes before the first gap to a run in one stream', async () => {
    await interrupt(BODY.length * 0.7);
    const {offset} = await journal();
    expect(offset).to.be.above(0);
    server.on('/f', fileAnswer(BODY));
    const plain = new HttpDownload({url: server.url('/f'), writer: new FileWriter(folder.join('f'), {resume: true})});
    await plain.run();
    await right();
    expect(startsOf(server.requests)).to.deep.equal([offset]);
  });

  it('goes on in one stream after a run in one stream', async () => {
    server.on('/f', fileAnswer(BODY, SLOW));
    const controller = new AbortController();
    const plain = new HttpDownload({url: server.url('/f'), writer: new FileWriter(folder.join('f'), {resume: true})});
    plain.register('fetched', ({offset}) => { if (offset > 30_000) controller.abort(); });
    await faultOf(plain.run(controller.signal));
    const {offset} = await journal();
    server.requests.length = 0;
    await download().run();
    await right();
    expect(startsOf(server.requests)).to.deep.equal([offset]);
  });

  it('trusts only pieces that the caller\'s digests confirm', async () => {
    await interrupt(BODY.length / 2);
    const digests = digestsOf(BODY);
    server.on('/f', fileAnswer(BODY, {drip: {bytes: 1024, everyMs: 1}}));
    const one = download({pieces: digests});
    const log = new EventLog(one);
    await one.run();
    await right();
    expect(log.of('replied')[0]?.reply.pieces?.kept?.length).to.be.above(5);
    // Another grid than the kept one: only the bytes before the first gap are used.
    await interrupt(BODY.length / 2);
    const {offset} = await journal();
    server.on('/f', fileAnswer(BODY));
    await download({pieces: digestsOf(BODY, 2 * PIECE)}).run();
    await right();
    expect(offset).to.be.above(0);
    expect(startsOf(server.requests)).to.deep.equal([offset]);
  });

  it('goes on after kill -9 with what the journal says', async function killed() {
    this.timeout(30_000);
    let stop = false;
    server.on('/f', (request) => fileAnswer(BODY, stop ? {} : {drip: {bytes: 1024, everyMs: 8}})(request));
    const script = fileURLToPath(new URL('./segmented-child.ts', import.meta.url));
    const child = fork(script, [server.url('/f'), folder.join('f')], {execArgv: ['--import', 'tsx']});
    child.on('message', ({held}: {held: number}) => {
      if (held > BODY.length / 3 && readdirSync(folder.path).some((name) => name.endsWith('.jupiter'))) child.kill('SIGKILL');
    });
    const [, signal] = await once(child, 'exit') as [number, string];
    expect(signal).to.equal('SIGKILL');
    expect((await folder.list()).filter(stays)).to.have.length(2);
    stop = true;
    server.bodyBytes = 0;
    server.requests.length = 0;
    const result: SegmentedResult = await download().run();
    expect((await folder.read('f')).equals(BODY), 'the bytes').to.equal(true);
    expect((await folder.list()).filter(stays)).to.deep.equal(['f']);
    expect(result.outcome).to.equal('fetched');
    expect(server.requests.every(({headers}) => headers['if-range'] !== undefined)).to.equal(true);
    expect(startsOf(server.requests)).to.not.include(0);
  });
});
