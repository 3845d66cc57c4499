import {createServer, type RequestListener, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {duration, onlyKeys, wholeNumber} from '../core/options.js';

/** How a streamer listens. */
export interface ListenOptions {
  /** @default a free one */
  port?: number | undefined;
  /** @default '127.0.0.1': only this machine */
  host?: string | undefined;
  /** How long the headers of a request may take, ms. @default 10_000 */
  headersTimeout?: number | false | undefined;
  /** How long a whole request may take, ms. @default 30_000 */
  requestTimeout?: number | false | undefined;
  /** How long a connection may be idle between two requests, ms. @default 5_000 */
  keepAliveTimeout?: number | false | undefined;
  /** Bytes of request line and headers. @default 16_384 */
  maxHeaderSize?: number | undefined;
  /** Connections at once; more are closed at once. @default 4096 */
  maxConnections?: number | undefined;
}

/** A server that a streamer listens with. */
export interface Listening {
  /** `http://host:port`. */
  readonly url: string;
  readonly port: number;
  readonly server: Server;
}

const OPTIONS = ['port', 'host', 'headersTimeout', 'requestTimeout', 'keepAliveTimeout', 'maxHeaderSize', 'maxConnections'];
const NO_TUNNEL = 'HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
/** How often node looks at the two limits, ms. */
const LOOK = 1000;

/** Opens a server of node:http with limits on everything that a client could keep open. @throws TypeError, RangeError; node's error */
export async function listen(handler: RequestListener, options: ListenOptions): Promise<Listening> {
  onlyKeys('listen', options, OPTIONS);
  const {port = 0, host = '127.0.0.1'} = options;
  const server = createServer({
    headersTimeout: duration('headersTimeout', options.headersTimeout, 10_000),
    requestTimeout: duration('requestTimeout', options.requestTimeout, 30_000),
    keepAliveTimeout: duration('keepAliveTimeout', options.keepAliveTimeout, 5_000),
    maxHeaderSize: wholeNumber('maxHeaderSize', options.maxHeaderSize ?? 16_384, 1024),
    connectionsCheckingInterval: LOOK, noDelay: true, insecureHTTPParser: false,
  }, handler);
  server.maxConnections = wholeNumber('maxConnections', options.maxConnections ?? 4096, 1);
  server.on('connect', (_request, socket) => { socket.end(NO_TUNNEL); });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  const {port: taken, address, family} = server.address() as AddressInfo;
  return {url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`, port: taken, server};
}
