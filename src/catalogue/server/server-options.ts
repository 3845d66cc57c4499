import {SystemClock, type Clock} from '../../core/clock.js';
import {misuse, onlyKeys, outOfRange, wholeNumber} from '../../core/options.js';
import type {ReleaseCatalogue} from '../contract.js';
import type {ExtendableApp} from './extendable-app.js';
import {isLoopback} from './host-check.js';
import type {TokenLookup} from './token-store.js';

/** What a server takes at most. */
export interface ServerLimits {
  /** Bytes of a body, packed and unpacked. @default 16 MiB */
  readonly bodyBytes?: number | undefined;
  /** Requests at once; more are answered 503. @default 256 */
  readonly requests?: number | undefined;
  /** Streams of changes at once. @default 64 */
  readonly streams?: number | undefined;
  /** Connections at once, streams and idle ones included; more are closed at once. @default 1024 */
  readonly connections?: number | undefined;
  /** How long a request may take to arrive, ms. @default 60_000 */
  readonly requestTimeout?: number | undefined;
}

/** What a server is made with. */
export interface CatalogueServerOptions {
  /** What it shows. The caller closes it, after the server. */
  readonly catalogue: ReleaseCatalogue;
  /** Who may ask. Left out only together with `unauthenticated`. */
  readonly tokens?: TokenLookup | undefined;
  /** Everybody on this machine may do everything; only for a loopback address. @default false */
  readonly unauthenticated?: boolean | undefined;
  /** The address to listen on. @default '127.0.0.1': only this machine */
  readonly host?: string | undefined;
  /** @default 0: a free one */
  readonly port?: number | undefined;
  /** The names under which clients may ask, without ports. @default on loopback its names, elsewhere any */
  readonly hosts?: readonly string[] | undefined;
  readonly limits?: ServerLimits | undefined;
  /** How often the catalogue is asked for changes of other processes while a stream waits, ms. @default 500 */
  readonly interval?: number | undefined;
  /** Ms between two signs of life of a stream. @default 15_000 */
  readonly beat?: number | undefined;
  /** @default SystemClock */
  readonly clock?: Clock | undefined;
  /** Told of every fault that is the server's own, which the client is not: for a log. It holds no header and no body. */
  readonly report?: ((fault: ServerFault) => void) | undefined;
  /**
   * Adds routes before it listens. They need the scope `read` unless their `config.scope` says `none` or another. It gets a
   * FastifyInstance: declare the parameter as one, where Fastify's types are installed, to have all of it.
   */
  extend?(this: void, app: ExtendableApp): void;
}

/** A fault of the server. */
export interface ServerFault {
  readonly method: string;
  /** As it was declared, `/releases/:name`, so no name is in it; undefined when there is none. */
  readonly route: string | undefined;
  /** Reduced to name, message, code and stack, redacted. */
  readonly error: unknown;
}

/** Checked options, with defaults. */
export interface ServerSettings {
  readonly catalogue: ReleaseCatalogue;
  readonly tokens: TokenLookup | undefined;
  readonly host: string;
  readonly port: number;
  readonly hosts: readonly string[] | undefined;
  readonly limits: Readonly<Required<{[K in keyof ServerLimits]-?: number}>>;
  readonly interval: number;
  readonly beat: number;
  readonly clock: Clock;
  readonly report: (fault: ServerFault) => void;
  readonly extend: (app: ExtendableApp) => void;
}

const KEYS = ['catalogue', 'tokens', 'unauthenticated', 'host', 'port', 'hosts', 'limits', 'interval', 'beat', 'clock', 'report', 'extend'];
const LAST_PORT = 65_535;

/** @throws TypeError or RangeError that names the option */
export function settingsOf(options: CatalogueServerOptions): ServerSettings {
  onlyKeys('catalogueServer', options, KEYS);
  const {catalogue, tokens, unauthenticated = false, host = '127.0.0.1', hosts, limits = {}} = options;
  if (typeof catalogue?.publish !== 'function') throw misuse('catalogue', catalogue, 'a ReleaseCatalogue');
  if (typeof host !== 'string' || host === '') throw misuse('host', host, 'an address of this machine');
  if (hosts !== undefined && !(Array.isArray(hosts) && hosts.every((name) => typeof name === 'string'))) {
    throw misuse('hosts', hosts, 'a list of names');
  }
  if ((tokens === undefined) !== unauthenticated) throw new TypeError('tokens: expected tokens, or unauthenticated: true, and not both');
  if (unauthenticated && !isLoopback(host)) throw misuse('host', host, 'a loopback address, as unauthenticated is true');
  // Not shown: somebody may have given a token itself.
  if (tokens !== undefined && typeof tokens.find !== 'function') {
    throw new TypeError('tokens: expected a TokenLookup, such as a TokenStore');
  }
  const port = wholeNumber('port', options.port ?? 0, 0);
  if (port > LAST_PORT) throw outOfRange('port', port, `at most ${LAST_PORT}`);
  return {
    catalogue, tokens, host, port, hosts, limits: limitsOf(limits),
    interval: wholeNumber('interval', options.interval ?? 500, 1), beat: wholeNumber('beat', options.beat ?? 15_000, 1),
    clock: options.clock ?? new SystemClock(), report: options.report ?? (() => undefined), extend: options.extend ?? (() => undefined),
  };
}

function limitsOf(limits: ServerLimits): ServerSettings['limits'] {
  onlyKeys('limits', limits, ['bodyBytes', 'requests', 'streams', 'connections', 'requestTimeout']);
  return {
    bodyBytes: wholeNumber('limits.bodyBytes', limits.bodyBytes ?? 16 * 1024 * 1024, 1),
    requests: wholeNumber('limits.requests', limits.requests ?? 256, 1),
    streams: wholeNumber('limits.streams', limits.streams ?? 64, 0),
    connections: wholeNumber('limits.connections', limits.connections ?? 1024, 1),
    requestTimeout: wholeNumber('limits.requestTimeout', limits.requestTimeout ?? 60_000, 1),
  };
}
