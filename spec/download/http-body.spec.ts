import {once} from 'node:events';
import {createServer, type AddressInfo, type Server, type Socket} from 'node:net';
import {expect} from 'chai';
import {HttpDownload} from '../../src/download/http-download.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {fetched, run, verdict, withContext} from './fetching.js';

const MIB = 1024 * 1024;

describe('HttpBody', () => {
  let server: Server | undefined;
  afterEach(() => { server?.close(); });

  /** A server that does with a connection's first request what it is told. */
  async function serve(answer: (socket: Socket) => void): Promise<string> {
    server = createServer((socket) => {
      socket.on('error', () => { socket.destroy(); });
      socket.once('data', () => { answer(socket); });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/a`;
  }

  it('a slow writer holds the server\'s sending, without a time limit and without memory', async function () {
    this.timeout(30_000);
    const size = 100 * MIB;
    let socket: Socket | undefined;
    const url = await serve((one) => {
      socket = one;
      one.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      const piece = Buffer.alloc(MIB);
      const send = (left: number): void => { if (left > 0) one.write(piece, () => { send(left - 1); }); };
      send(size / MIB);
    });
    const clock = new TestClock();
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => { go = resolve; });
    let bytes = 0;
    class Slow extends RecordingWriter {
      override async append(chunk: Uint8Array): Promise<void> {
        bytes += chunk.byteLength;
        if (bytes > MIB) await held;
      }
    }
    const before = process.memoryUsage().arrayBuffers;
    await withContext(async (context) => {
      const running = run(new HttpDownload({url, context, writer: new Slow(), retry: noRetry()}));
      let last = -1;
      while (socket?.bytesWritten !== last || bytes <= MIB) {
        last = socket?.bytesWritten ?? -1;
        await new Promise((resolve) => { setTimeout(resolve, 30); });
      }
      // What the kernel's buffers take on both sides, and not much more.
      expect(last - bytes).to.be.lessThan(16 * MIB);
      // A day of the writer's is not the server's silence.
      await clock.advance(120_000);
      expect(process.memoryUsage().arrayBuffers - before).to.be.lessThan(16 * MIB);
      go();
      expect([verdict(await running), bytes]).to.deep.equal(['ok published ""', size]);
    }, {clock});
  });

  for (const framing of ['length', 'chunked'] as const) {
    it(`is whole when the connection is reset after the whole message came and the writer was slow: ${framing}`, async () => {
      const [head, tail] = framing === 'length' ? ['Content-Length: 10\r\n\r\nhello', 'world']
        : ['Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', '5\r\nworld\r\n0\r\n\r\n'];
      let peer: Socket | undefined;
      const url = await serve((socket) => {
        peer = socket;
        socket.write(`HTTP/1.1 200 OK\r\n${head}`);
      });
      // While the writer is busy with the first half, the second arrives, and then the reset.
      const writer = new RecordingWriter({append: async (_chunk, nth) => {
        if (nth > 1) return;
        peer?.write(tail);
        await new Promise((resolve) => { setTimeout(resolve, 40); });
        peer?.resetAndDestroy();
        await new Promise((resolve) => { setTimeout(resolve, 40); });
      }});
      expect((await run(new HttpDownload({url, writer, retry: noRetry()}))).text).to.equal('helloworld');
    });
  }

  it('counts what the writer got before the cut', async () => {
    const url = await serve((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
      setTimeout(() => { socket.end(); }, 20);
    });
    const one = await fetched({url});
    expect([verdict(one), one.error?.message, one.writer.text])
      .to.deep.equal(['INTERRUPTED transient', `the connection broke after 5 of 10 bytes (ECONNRESET): ${url}`, 'hello']);
    expect(one.writer.story).to.deep.equal(['prepare', 'open 10', 'append 5', 'discard INTERRUPTED']);
  });

  it('is closed when the writer fails, and the connection with it', async () => {
    let closed: Promise<unknown> | undefined;
    const url = await serve((socket) => {
      closed = once(socket, 'close');
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
    });
    const writer = new RecordingWriter({append: () => { throw Object.assign(new Error('no space'), {code: 'ENOSPC'}); }});
    const one = await run(new HttpDownload({url, writer}));
    expect(verdict(one)).to.equal('WRITER_FAILED local');
    await closed;
  });
});
