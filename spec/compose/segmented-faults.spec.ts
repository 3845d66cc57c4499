import {expect} from 'chai';
import {Cancelled, DownloadError, HandlerError, WriterError} from '../../src/core/errors.js';
import {ProgressMonitor} from '../../src/monitor/progress-monitor.js';
import {noRetry, StandardRetryPolicy} from '../../src/policy/retry-policy.js';
import {patterned} from '../../src/testing/bytes.js';
import {EventLog} from '../../src/testing/event-log.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {FaultyDisk} from '../../src/testing/faulty-disk.js';
import {fileAnswer, type FileAnswerOptions} from '../../src/testing/file-answer.js';
import type {RecordedRequest} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {SizeValidation} from '../../src/validation/size-validation.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {useWire} from '../support/wire.js';
import {BODY, expectAlone, PIECE, segmented, sha256, startsOf} from './segment-site.js';

describe('SegmentedDownload with faults', () => {
  const folder = useTempFolder();
  const wire = useWire();

  const serve = (how: (request: RecordedRequest) => FileAnswerOptions, body = BODY): void => {
    wire.server.on('/f', (request) => fileAnswer(body, how(request))(request));
  };
  const download = (options = {}): ReturnType<typeof segmented> =>
    segmented({url: wire.server.url('/f'), writer: new FileWriter(folder.join('f')), context: wire.context, ...options});
  const right = (): Promise<void> => expectAlone(folder);

  it('says why the head is refused, so that mirrors and retries know', async () => {
    serve(() => ({}));
    expect((await faultOf(download({maxBytes: 10}).run())).code).to.equal('TOO_LARGE');
    expect((await faultOf(download({validations: [new SizeValidation(5)], retry: noRetry()}).run())).code).to.equal('SIZE_MISMATCH');
    expect(await folder.list()).to.deep.equal([]);
  });

  it('lets the others finish what a broken transfer left, in the same attempt', async () => {
    serve(({nth}) => nth === 2 ? {cutAt: 100} : nth === 3 ? {cutAt: PIECE + 100, cut: 'end'} : {drip: {bytes: 8192, everyMs: 1}});
    const one = download();
    const log = new EventLog(one);
    const result = await one.run();
    await right();
    expect(result.attempts).to.have.length(1);
    expect(log.of('error')).to.deep.equal([]);
    // Bytes of a begun piece are not asked for again.
    expect(startsOf(wire.server.requests).some((start) => start !== undefined && start % PIECE === 100)).to.equal(true);
  });

  it('goes on with one transfer when the server bears no more', async () => {
    serve(() => ({drip: {bytes: 8192, everyMs: 1}}));
    const honest = fileAnswer(BODY, {drip: {bytes: 8192, everyMs: 1}});
    wire.server.on('/f', (request) => request.nth > 1 && request.nth < 5 ? {status: 503} : honest(request));
    const result = await download({retry: noRetry()}).run();
    await right();
    expect(result.attempts).to.have.length(1);
    expect(wire.server.requests.length).to.be.above(4);
  });

  it('tells ERROR when no transfer is left, and the next attempt goes on with what is there', async () => {
    let up = true;
    wire.server.on('/f', (request) => {
      if (wire.server.requests.length === 5) up = false;
      if (request.nth === 9) up = true;
      return up ? fileAnswer(BODY, {cutAt: PIECE * 2 + 7})(request) : {status: 502};
    });
    const one = download({retry: new StandardRetryPolicy({retries: 3})});
    const log = new EventLog(one);
    const monitor = new ProgressMonitor(one);
    const result = await one.run().catch((error: unknown) => error) as Awaited<ReturnType<typeof one.run>>;
    expect(result).to.not.be.instanceOf(Error);
    await right();
    expect(log.of('error').length).to.be.above(0);
    expect(result.attempts.length).to.equal(log.of('error').length + 1);
    expect(log.of('replied').at(-1)?.reply.pieces?.held).to.be.above(PIECE * 4);
    expect(monitor.progress()).to.include({bytes: BODY.length, rewinds: 0});
  });

  it('gives up with the fault of a transfer when the retries are used up', async () => {
    wire.server.on('/f', (request) => request.nth === 1 ? fileAnswer(BODY, {cutAt: 5000})(request) : {status: 500});
    const error = await faultOf(download({retry: noRetry()}).run());
    expect(error).to.be.instanceOf(DownloadError);
    expect(error.class).to.equal('transient');
    expect(await folder.list()).to.deep.equal([]);
  });

  for (const [what, nth, slow] of [['a later request', 3, false], ['the last request', 5, true]] as const) {
    it(`takes the whole from a server that sends it for ${what}`, async () => {
      serve((request) => ({range: request.nth === nth ? 'ignored' : 'supported', ...slow ? {} : {drip: {bytes: 4096, everyMs: 2}}}));
      const result = await download({retry: noRetry()}).run();
      await right();
      expect(result.attempts).to.have.length(1);
      if (!slow) expect(wire.server.requests.length, 'nobody asks beside the whole').to.be.at.most(4);
    });
  }

  const refusals = ['wrong-start', 'other-total', 'no-content-range', 'multipart', 'encoded', 'other-validator',
    '416', '416-other-total'] as const;
  for (const conduct of refusals) {
    it(`turns into one stream from byte 0 when a part is answered by ${conduct}`, async () => {
      serve(({nth}) => ({range: nth === 3 ? conduct : 'supported', drip: {bytes: 4096, everyMs: 1}}));
      const result = await download().run();
      await right();
      expect(result.attempts.map(({error}) => error?.code)).to.deep.equal(['RESUME_REJECTED', undefined]);
      expect(startsOf(wire.server.requests).at(-1)).to.equal(undefined);
      expect(result.sources).to.deep.equal([]);
    });
  }

  it('refuses a part that goes on after its end', async () => {
    const body = fileAnswer(BODY);
    wire.server.on('/f', (request) => {
      const answer = body(request);
      if (request.nth !== 3) return answer;
      return {...answer, framing: 'chunked', body: Buffer.concat([Buffer.from(answer.body ?? ''), Buffer.from('surplus')])};
    });
    const error = await faultOf(download({retry: noRetry()}).run());
    expect(error.code).to.equal('PROTOCOL_ERROR');
    expect(await folder.list()).to.deep.equal([]);
  });

  it('takes a part that is shorter than asked, and asks for the rest', async () => {
    serve(({nth}) => ({range: nth % 2 === 0 ? 'smaller' : 'supported'}));
    await download({retry: new StandardRetryPolicy({retries: 50})}).run();
    await right();
  });

  it('brings one version whole when the file changes in the middle', async () => {
    const next = patterned(BODY.length, 77);
    wire.server.on('/f', (request) => fileAnswer(request.nth < 4 ? BODY : next, {drip: {bytes: 4096, everyMs: 1}})(request));
    const result = await download().run();
    expect((await folder.read('f')).equals(next)).to.equal(true);
    expect(result.attempts.map(({error}) => error?.code)).to.deep.equal(['RESUME_REJECTED', undefined]);
  });

  it('begins again in one stream when the whole is not what the digest says', async () => {
    const wrong = Buffer.from(BODY);
    wrong[60_000] = (wrong[60_000] ?? 0) ^ 1;
    // A cache lies for a while: the validator is the same, the bytes are not.
    const validator = {etag: '"same"'};
    wire.server.on('/f', (request) => fileAnswer(request.headers['cache-control'] === 'no-cache' ? BODY : wrong, {validator})(request));
    const result = await download({validations: [new DigestValidation('sha256', sha256(BODY))]}).run();
    await right();
    expect(result.attempts.map(({error}) => error?.code)).to.deep.equal(['DIGEST_MISMATCH', undefined]);
    expect(startsOf(wire.server.requests).at(-1)).to.equal(undefined);
  });

  it('never leaves a write under way behind', async () => {
    for (const how of ['cancel', 'turn'] as const) {
      let under = 0;
      const late: string[] = [];
      const writer = new class extends FileWriter {
        override async writeAt(offset: number, chunk: Uint8Array): Promise<void> {
          under++;
          for (let n = 0; n < 5; n++) await new Promise((resolve) => { setImmediate(resolve); });
          await super.writeAt(offset, chunk);
          under--;
        }

        override rewind(...given: Parameters<FileWriter['rewind']>): Promise<void> {
          if (under > 0) late.push('rewind');
          return super.rewind(...given);
        }

        override discard(end: {readonly keep?: boolean | undefined}): Promise<void> {
          if (under > 0) late.push('discard');
          return super.discard(end);
        }
      }(folder.join('f'));
      const controller = new AbortController();
      serve(({nth}) => ({range: how === 'turn' && nth === 4 ? 'wrong-start' : 'supported', drip: {bytes: 2048, everyMs: 1}}));
      const one = download({writer});
      let fetched = 0;
      one.register('fetched', () => { if (how === 'cancel' && ++fetched === 9) controller.abort(); });
      await one.run(controller.signal).catch(() => undefined);
      expect(late).to.deep.equal([]);
      if (how === 'turn') await right();
      wire.server.disconnect();
    }
  });

  it('leaves nothing when it is cancelled, when a handler throws, or when the disk is full', async () => {
    for (const how of ['cancel', 'throw', 'disk'] as const) {
      serve(() => ({drip: {bytes: 2048, everyMs: 1}}));
      const disk = new FaultyDisk();
      if (how === 'disk') disk.fail('write', {code: 'ENOSPC', at: 12});
      const one = download({writer: new FileWriter(folder.join('f'), {disk})});
      const controller = new AbortController();
      let fetched = 0;
      one.register('fetched', () => {
        if (++fetched !== 12) return;
        if (how === 'cancel') controller.abort();
        if (how === 'throw') throw new Error('a mistake of the caller');
      });
      const error = await faultOf(one.run(controller.signal));
      expect(error).to.be.instanceOf({cancel: Cancelled, throw: HandlerError, disk: WriterError}[how]);
      expect(await folder.list()).to.deep.equal([]);
      expect(disk.openFiles).to.equal(0);
      await wire.server.when(() => wire.server.open === 0);
    }
  });
});
