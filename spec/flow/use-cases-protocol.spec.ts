import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {createServer, type AddressInfo, type Server, type Socket} from 'node:net';
import {
  Batch, Context, DigestValidation, Factory, FileWriter, SizeValidation, TimedOut,
  type BufferWriter, type DownloadOptions,
} from 'jupiter-download';
import {GopherDownload} from '../../examples/06-new-protocol.js';
import {EventLog} from '../../src/testing/event-log.js';
import {expectNothingLeft} from '../support/left-open.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {TestClock} from '../../src/testing/test-clock.js';

describe('Use case: a new protocol in a subclass of at most 60 lines', () => {
  const folder = useTempFolder();
  let server: Server;
  let sockets: Set<Socket>;
  let asked: string[];
  let answer: (socket: Socket, selector: string, nth: number) => void;
  let context: Context;
  let clock: TestClock;
  beforeEach(async () => {
    [sockets, asked] = [new Set(), []];
    answer = (socket, selector) => { socket.end(`content of ${selector}`); };
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).once('close', () => { sockets.delete(socket); });
      socket.once('data', (data) => {
        asked.push(data.toString());
        answer(socket, data.toString().trim(), asked.length);
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    clock = new TestClock({autoAdvance: true});
    context = new Context({clock});
  });
  afterEach(async () => {
    await context.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  const url = (path: string): string => `gopher://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const make = (options: Partial<DownloadOptions> = {}): GopherDownload =>
    new GopherDownload({url: url('/9/files/zsh%205.tar'), context, allowCloseFramed: true, ...options});

  it('stands in an example of at most 60 lines', () => {
    const example = readFileSync(new URL('../../examples/06-new-protocol.ts', import.meta.url), 'utf8');
    expect(example.trimEnd().split('\n').length).to.be.at.most(60);
  });

  it('has the whole life cycle', async () => {
    const download = make();
    const log = new EventLog(download);
    const result = await expectNothingLeft(() => download.run());
    expect(asked).to.deep.equal(['/files/zsh 5.tar\r\n']);
    expect((download.writer as BufferWriter).text()).to.equal('content of /files/zsh 5.tar');
    expect(log.story).to.deep.equal(['prepared', 'sent 1 @0', 'replied 1 200', 'fetched 1 @0+27', 'succeeded fetched']);
    expect(result.reply?.framing).to.equal('close');
  });

  it('is verified, written, batched and built by a factory like any other', async () => {
    const factory = new Factory({schemes: {gopher: GopherDownload}, context});
    function *downloads() {
      for (const name of ['a', 'b', 'c']) {
        const sha256 = createHash('sha256').update(`content of /${name}`).digest('hex');
        const validations = [new DigestValidation('sha256', sha256)];
        yield factory.build(url(`/9/${name}`), {writer: new FileWriter(folder.join(name)), validations});
      }
    }
    for await (const plan of new Batch(downloads(), {context})) await plan.result();
    expect(await folder.list()).to.deep.equal(['a', 'b', 'c']);
  });

  it('is repeated after a cut and a refusal to connect', async () => {
    // The reset comes when the client has read: before that, node takes it for an ordinary end.
    let cut: () => void = () => undefined;
    answer = (socket, selector, nth) => {
      cut = () => { socket.resetAndDestroy(); };
      if (nth > 1) socket.end(`content of ${selector}`);
      else socket.write('content');
    };
    const download = make({validations: [new SizeValidation(27)]});
    download.register('fetched', ({attempt}) => { if (attempt === 1) cut(); });
    const result = await download.run();
    expect(result.attempts.map(({error}) => error?.code)).to.deep.equal(['INTERRUPTED', undefined]);
    const port = (server.address() as AddressInfo).port;
    server.close();
    for (const socket of sockets) socket.destroy();
    const refused = await faultOf(new GopherDownload({url: `gopher://127.0.0.1:${port}/9/x`, context, retries: 1}).run());
    expect(refused.attempts.map(({error}) => error?.code)).to.deep.equal(['CONNECT_FAILED', 'CONNECT_FAILED']);
  });

  it('is refused when nothing proves that the body is whole', async () => {
    const fault = await faultOf(make({allowCloseFramed: undefined, retries: 0}).run());
    expect(fault).to.have.property('code', 'INTERRUPTED');
  });

  it('is held to the time limits', async () => {
    answer = (socket) => { socket.write('content'); };
    clock.autoAdvance = false;
    const download = make({retries: 0, timeout: {read: 5000}});
    const fetched = new Promise<void>((resolve) => { download.register('fetched', () => { resolve(); }); });
    const fault = expectNothingLeft(() => faultOf(download.run()));
    await fetched;
    await clock.advance(5200);
    expect(await fault).to.be.instanceOf(TimedOut).with.property('phase', 'read');
  });

  it('leaves nothing open when it is cancelled', async () => {
    answer = (socket) => { socket.write('content'); };
    const controller = new AbortController();
    const download = make();
    download.register('fetched', () => { controller.abort(); });
    const fault = await expectNothingLeft(() => download.run(controller.signal).catch((error: unknown) => error));
    expect(fault).to.have.property('code', 'CANCELLED');
    while (sockets.size > 0) await new Promise((resolve) => { setImmediate(resolve); });
  });

  it('refuses other schemes', () => {
    expect(() => new GopherDownload({url: 'http://repo.example/'})).to.throw(TypeError, 'url: expected a URL with scheme gopher');
  });
});
