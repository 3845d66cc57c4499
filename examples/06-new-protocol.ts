/*
 * A new protocol: Gopher (RFC 1436). One method is the protocol; retries, checks, writers and batches come with it.
 * npx tsx examples/06-new-protocol.ts [gopher://host/9/path]
 */
import {once} from 'node:events';
import {connect, createServer, type AddressInfo, type Socket} from 'node:net';
import {pathToFileURL} from 'node:url';
import {
  ConnectFailed, Download, DOWNLOAD_OPTIONS, DownloadMonitor, Interrupted, type Attempt, type DownloadOptions, type Reply,
} from 'jupiter-download';

/** A download of a `gopher:` URL (RFC 4266): the selector is sent, and everything up to the end of the connection is the file. */
export class GopherDownload<A = unknown> extends Download<A> {
  constructor(options: DownloadOptions<A>) {
    super(options, DOWNLOAD_OPTIONS, ['gopher:']);
  }

  protected override async send(attempt: Attempt): Promise<Reply> {
    const {url, signal} = attempt;
    const {hostname, port, pathname} = new URL(url);
    attempt.waitFor('connect');
    const socket = connect({host: hostname, port: Number(port === '' ? 70 : port)});
    socket.on('error', () => undefined); // told by connecting or reading, whichever fails
    signal.addEventListener('abort', () => { socket.destroy(); }, {once: true});
    try {
      await once(socket, 'connect', {signal});
    } catch (cause) {
      throw new ConnectFailed(`no connection: ${url}`, {url, cause});
    }
    attempt.waitFor('headers');
    socket.write(`${decodeURIComponent(pathname.slice(2))}\r\n`);
    return {
      status: 200, headers: {}, hops: [{url, status: 200}], url, validators: {}, offset: 0, framing: 'close', body: bytesOf(socket, url),
    };
  }
}

async function *bytesOf(socket: Socket, url: string): AsyncGenerator<Uint8Array> {
  try {
    yield* socket as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new Interrupted(`the connection broke after ${socket.bytesRead} bytes: ${url}`, undefined, socket.bytesRead, {url, cause});
  } finally {
    socket.destroy();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const server = createServer((socket) => { socket.once('data', (selector) => socket.end(`you asked for ${String(selector)}`)); });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = process.argv[2] ?? `gopher://127.0.0.1:${(server.address() as AddressInfo).port}/9/files/zsh.tar`;
  // The end of the connection is all that ends the file: without a digest or size, say that this is good enough.
  const download = new GopherDownload({url, allowCloseFramed: true});
  const monitor = new DownloadMonitor(download);
  await download.run();
  console.log(url, monitor.facts());
  server.close();
}
