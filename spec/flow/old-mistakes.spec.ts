import {createHash} from 'node:crypto';
import {expect} from 'chai';
import {Batch} from '../../src/batch/batch.js';
import {Context} from '../../src/core/context.js';
import {HandlerError, MirrorsExhausted, NotFound, WriterError, type DownloadError} from '../../src/core/errors.js';
import {Event} from '../../src/core/event.js';
import {MirrorDelegate} from '../../src/delegate/mirror-delegate.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import {DownloadMonitor} from '../../src/monitor/download-monitor.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {BufferWriter} from '../../src/writer/buffer-writer.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {useWire} from '../support/wire.js';
import {certificates} from '../support/certificates.js';
import {EventLog} from '../../src/testing/event-log.js';
import {FakeDownload, silence} from '../../src/testing/fake-download.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {Moment} from '../../src/testing/moment.js';
import {FaultyDisk} from '../../src/testing/faulty-disk.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

const BODY = Buffer.alloc(300_000, 'jupiter');
const codeOf = (error: unknown): string => (error as DownloadError).code;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Each of the mistakes of the first Jupiter (design.md, 9), by its number. */
describe('old mistakes', () => {
  const folder = useTempFolder();
  const wire = useWire();

  const get = (path: string, options: Partial<HttpDownloadOptions> = {}): HttpDownload =>
    new HttpDownload({url: wire.server.url(path), context: wire.context, timeout: {read: 0, lowSpeed: 0}, ...options});

  it('1 REPLIED after the body', async () => {
    const told = new Moment();
    wire.server.on('/f', {body: BODY, holdBody: told.reached});
    const writer = new RecordingWriter();
    const download = get('/f', {writer});
    let calls: string[] = [];
    download.register(Event.REPLIED, ({reply}) => {
      calls = [`${reply.status} ${reply.headers['content-length'] ?? ''}`, ...writer.calls];
      told.reach();
    });
    await download.run();
    expect(calls).to.deep.equal([`200 ${BODY.length}`, 'prepare']);
    expect(writer.bytes.equals(BODY)).to.equal(true);
  });

  it('2 SUCCEEDED before validation', async () => {
    wire.server.on('/f', {body: BODY});
    const order: string[] = [];
    const writer = new RecordingWriter({before: (call) => { if (call === 'close') order.push('published'); }});
    const download = get('/f', {writer});
    download.register(Event.SUCCEEDED, () => { order.push('succeeded'); });
    download.append({apply: async () => {
      await new Promise((resolve) => { setImmediate(resolve); });
      order.push('validated');
    }});
    await download.run();
    const bad = get('/f', {retry: noRetry(), validations: [new DigestValidation('sha256', sha256(Buffer.from('other')))]});
    bad.register(Event.SUCCEEDED, () => { order.push('succeeded with wrong bytes'); });
    expect((await faultOf(bad.run())).code).to.equal('DIGEST_MISMATCH');
    expect(order).to.deep.equal(['validated', 'published', 'succeeded']);
  });

  it('3 validation and monitor state leaking from one attempt into a restart', async () => {
    wire.server.on('/f', ({nth}) => nth === 1 ? {body: BODY, cutAt: 200_000} : {body: BODY});
    const writer = new RecordingWriter();
    const download = get('/f', {writer, validations: [new DigestValidation('sha256', sha256(BODY))]});
    const monitor = new DownloadMonitor(download, {digests: ['sha256', 'md5']});
    const {attempts} = await download.run();
    expect(attempts).to.have.length(2);
    expect(attempts[0]?.bytes).to.be.greaterThan(0);
    expect(monitor.facts()).to.deep.equal({size: BODY.length, sha256: sha256(BODY), md5: createHash('md5').update(BODY).digest('hex')});
    expect(writer.bytes.equals(BODY)).to.equal(true);
  });

  it('4 retries ≥ 2 with no repair returning as success', async () => {
    wire.server.on('/f', {body: BODY, cutAt: 1000});
    const download = get('/f', {retries: 3, retry: noRetry()});
    const log = new EventLog(download);
    download.register(Event.ERROR, () => undefined);
    expect((await faultOf(download.run())).code).to.equal('INTERRUPTED');
    expect(log.story.at(-1)).to.equal('failed INTERRUPTED');
    expect(wire.server.requests).to.have.length(1);
  });

  it('5 a digest mismatch never reaching the next mirror', async () => {
    wire.server.on('/bad/f', {body: Buffer.alloc(BODY.length, 'corrupt')}).on('/good/f', {body: BODY});
    const writer = new RecordingWriter();
    const download = get('/f', {writer, validations: [new DigestValidation('sha256', sha256(BODY))]});
    new MirrorDelegate({mirrors: [wire.server.url('/bad/'), wire.server.url('/good/')]}).attach(download);
    const {attempts} = await download.run();
    expect(attempts.at(-1)?.url).to.equal(wire.server.url('/good/f'));
    expect(attempts[0]?.error?.code).to.equal('DIGEST_MISMATCH');
    expect(writer.bytes.equals(BODY)).to.equal(true);
  });

  it('6 half files left under the final name', async () => {
    wire.server.on('/cut', {body: BODY, cutAt: 200_000}).on('/wrong', {body: BODY});
    await folder.write('old', 'what was there');
    const wrong = [new DigestValidation('sha256', sha256(Buffer.from('other')))];
    for (const [path, options] of [['/cut', {}], ['/wrong', {validations: wrong}]] as const) {
      for (const name of ['new', 'old']) {
        const download = get(path, {retry: noRetry(), writer: new FileWriter(folder.join(name)), ...options});
        const seen: string[][] = [];
        download.register(Event.FETCHED, async () => { seen.push((await folder.list()).filter((one) => !one.endsWith('.part'))); });
        await faultOf(download.run());
        expect(seen).to.not.have.length(0);
        expect(seen.flat().every((one) => one === 'old')).to.equal(true);
      }
    }
    expect(await folder.list()).to.deep.equal(['old']);
    expect(String(await folder.read('old'))).to.equal('what was there');
  });

  it('7 only status 200 accepted; the certificate verification flag never used', async () => {
    for (const status of [200, 201, 203]) {
      wire.server.on(`/${status}`, {status, body: 'ok'});
      expect((await get(`/${status}`).run()).facts.size).to.equal(2);
    }
    await using secure = await ScriptedServer.start({tls: certificates().selfSigned});
    secure.on('*', {body: 'ok'});
    const verified = new HttpDownload({url: secure.url('/f'), context: wire.context, retry: noRetry()});
    expect((await faultOf(verified.run())).code).to.equal('TLS_FAILED');
    expect(secure.requests).to.have.length(0);
    const trusting = new HttpDownload({url: secure.url('/f'), context: wire.context, ssl: {validation: false}});
    expect((await trusting.run()).facts.size).to.equal(2);
  });

  it('8 handler failures swallowed', async () => {
    wire.server.on('/f', {body: BODY});
    for (const name of [Event.PREPARED, Event.SENT, Event.REPLIED, Event.FETCHED]) {
      const download = get('/f');
      download.register(name, () => Promise.reject(new Error('a bug')));
      expect(await faultOf(download.run()), name).to.be.instanceOf(HandlerError).with.property('event', name);
    }
    const download = get('/f');
    download.register(Event.SUCCEEDED, () => Promise.reject(new Error('a bug')));
    expect((await download.run()).warnings.map(({message}) => message)).to.deep.equal(['succeeded: a bug']);
  });

  it('9 clone() copying open handles, throwing when a digest is attached, or deadlocking inside prepare()', async () => {
    wire.server.on('/f', {body: BODY}).on('/list', {body: 'the list'});
    class Listed extends HttpDownload {
      list = '';
      protected override async prepare(): Promise<void> {
        const clone = this.clone();
        clone.url = wire.server.url('/list');
        await clone.run();
        this.list = clone.writer.text();
      }
    }
    const tight = new Context({limits: {total: 1}});
    const writer = new FileWriter(folder.join('f'));
    const download = new Listed({url: wire.server.url('/f'), context: tight, writer});
    download.append(new DigestValidation('sha256', sha256(BODY)));
    download.register(Event.FETCHED, async () => { expect((await folder.list()).every((name) => name !== 'f')).to.equal(true); });
    await download.run();
    expect(download.list).to.equal('the list');
    expect((await folder.read('f')).equals(BODY)).to.equal(true);
    const clone = download.clone();
    await tight.close();
    expect(clone.writer).to.be.instanceOf(BufferWriter);
    expect(clone.validations).to.deep.equal([]);
  });

  it('10 backlog not a bound; leaving the loop early deadlocks or keeps downloading', async () => {
    let [made, alive, most, ended, returned] = [0, 0, 0, 0, 0];
    const downloads = function *(): Generator<FakeDownload> {
      try {
        for (;;) {
          most = Math.max(most, ++alive);
          const download = new FakeDownload({script: ++made > 6 ? [silence] : [['hello']]});
          for (const name of [Event.SUCCEEDED, Event.FAILED]) download.register(name, () => { ended++; });
          yield download;
        }
      } finally {
        returned++;
      }
    };
    let taken = 0;
    for await (const plan of new Batch(downloads(), {backlog: 3})) {
      await plan.result();
      for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => { setImmediate(resolve); });
      if (++taken === 5) break;
      alive--;
    }
    expect({most, made, ended, returned}).to.deep.equal({most: 3, made: 7, ended: 7, returned: 1});
  });

  it('11 upper-case digests and empty files always failing', async () => {
    wire.server.on('/f', {body: BODY}).on('/empty', {body: ''});
    await get('/f', {validations: [new DigestValidation('SHA256', sha256(BODY).toUpperCase())]}).run();
    const writer = new FileWriter(folder.join('empty'));
    const {facts} = await get('/empty', {writer, validations: [new DigestValidation('sha256', sha256(Buffer.alloc(0)))]}).run();
    expect([facts.size, (await folder.read('empty')).length]).to.deep.equal([0, 0]);
  });

  it('12 the first error reported instead of the last', async () => {
    wire.server.on('/f', ({nth}) => [{body: BODY, cutAt: 1000}, {status: 503}, {status: 404}][nth - 1] ?? {});
    const download = get('/f');
    const error = await faultOf(download.run());
    expect(error).to.be.instanceOf(NotFound);
    expect(error.attempts.map((one) => one.error?.code)).to.deep.equal(['INTERRUPTED', 'THROTTLED', 'NOT_FOUND']);
  });

  it('13 session keys that omit CA, key or verification', async () => {
    const {ca, otherCa, client, server: own} = certificates();
    await using secure = await ScriptedServer.start({tls: {...own, ca: ca.cert, requestCert: true}});
    secure.on('*', {body: 'ok'});
    const terms: HttpDownloadOptions['ssl'][] = [
      {validation: false}, undefined, {validation: true}, {caCertificate: ca.cert}, {caCertificate: otherCa.cert},
      {caCertificate: ca.cert, clientCertificate: client.cert, clientKey: client.key}, {caCertificate: ca.cert},
      {caCertificate: otherCa.cert, validation: false}, {caCertificate: otherCa.cert},
    ];
    const outcomes: string[] = [];
    for (const ssl of terms) {
      const download = new HttpDownload({url: secure.url('/f'), context: wire.context, ssl, retry: noRetry()});
      outcomes.push(await download.run().then(() => `ok ${secure.requests.at(-1)?.clientSubject ?? 'nobody'}`, codeOf));
    }
    expect(outcomes).to.deep.equal([
      'ok nobody', 'TLS_FAILED', 'TLS_FAILED', 'ok nobody', 'TLS_FAILED', 'ok elmer', 'ok nobody', 'ok nobody', 'TLS_FAILED',
    ]);
  });

  it('14 an empty mirror list "succeeding"', async () => {
    wire.server.on('/mirrors', {body: '# none today\n'});
    const writer = new RecordingWriter();
    const download = get('/f', {writer});
    new MirrorDelegate({list: wire.server.url('/mirrors')}).attach(download);
    const log = new EventLog(download);
    expect(await faultOf(download.run())).to.be.instanceOf(MirrorsExhausted);
    expect(log.lines).to.deep.equal(['prepared', 'failed MIRRORS_EXHAUSTED']);
    expect(wire.server.requestsFor('/f')).to.have.length(0);
  });

  it('15 a disk-full error sent to the next mirror', async () => {
    wire.server.on('/one/f', {body: BODY}).on('/two/f', {body: BODY});
    const disk = new FaultyDisk().fail('write', {code: 'ENOSPC'});
    const download = get('/f', {writer: new FileWriter(folder.join('f'), {disk})});
    new MirrorDelegate({mirrors: [wire.server.url('/one/'), wire.server.url('/two/')]}).attach(download);
    const error = await faultOf(download.run());
    expect(error).to.be.instanceOf(WriterError);
    expect((error.cause as {code?: string}).code).to.equal('ENOSPC');
    expect(wire.server.requests.map(({path}) => path)).to.deep.equal(['/one/f']);
    expect(await folder.list()).to.deep.equal([]);
  });
});
