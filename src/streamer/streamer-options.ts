import {AllowedHosts} from '../core/allowed-hosts.js';
import type {ContextView} from '../core/contract.js';
import {duration, misuse, onlyKeys, wholeNumber} from '../core/options.js';
import {ContentStore} from '../compose/content-store.js';
import type {Importer} from './importer.js';

/** What a Streamer is made with. */
export interface StreamerOptions {
  /** Knows where content comes from. */
  importer: Importer;
  /** Where it is kept. @default nothing is: every client has an upstream transfer of its own */
  store?: ContentStore | undefined;
  /** Shared connections and permits; left open. @default one of its own, with `STREAM_LIMITS` */
  context?: ContextView | undefined;
  /** Bytes that the store may hold; above it what was not used for the longest time is removed. @default no limit */
  maxBytes?: number | undefined;
  /** Never asks the upstream: what is stored is sent, fresh or not. @default false */
  offline?: boolean | undefined;
  /** Reads every stored content through before it is sent; a damaged one is fetched again. @default false */
  verify?: boolean | undefined;
  /** The only hosts that downloads may ask and be redirected to: `name`, `name:port`, `*.name`. @default any */
  upstreams?: readonly string[] | undefined;
  /** How long a client may take nothing before its connection is reset, ms. @default 120_000 */
  clientTimeout?: number | false | undefined;
  /** How long a 404 of the upstream is believed, ms. @default 10_000 */
  negativeTtl?: number | false | undefined;
  /** How clients reach the streamer, where it is not what their requests say: behind a proxy. */
  origin?: string | undefined;
}

/** The same, checked. */
export type CheckedOptions = StreamerOptions & {
  readonly offline: boolean; readonly verify: boolean; readonly clientTimeout: number; readonly negativeTtl: number;
  readonly origin: string | undefined; readonly hosts: AllowedHosts | undefined;
};

const OPTIONS = ['importer', 'store', 'context', 'maxBytes', 'offline', 'verify', 'upstreams', 'clientTimeout', 'negativeTtl', 'origin'];

/** @throws TypeError, RangeError naming the option */
export function checkStreamer(options: StreamerOptions): CheckedOptions {
  onlyKeys('Streamer', options, OPTIONS);
  const {importer, store, context, maxBytes, offline = false, verify = false, upstreams, origin} = options;
  if (typeof importer?.resolve !== 'function' && typeof importer?.getDownload !== 'function') {
    throw misuse('importer', importer, 'an object with resolve() or getDownload()');
  }
  if (store !== undefined && !(store instanceof ContentStore)) throw misuse('store', store, 'a ContentStore');
  if (context !== undefined && typeof context?.share !== 'function') throw misuse('context', context, 'a Context');
  for (const [name, value] of Object.entries({offline, verify})) {
    if (typeof value !== 'boolean') throw misuse(name, value, 'true or false');
  }
  if (store === undefined && (offline || verify || maxBytes !== undefined)) {
    throw new TypeError('offline, verify, maxBytes: expected a store with them, got none');
  }
  if (maxBytes !== undefined) wholeNumber('maxBytes', maxBytes, 0);
  const hosts = upstreams && new AllowedHosts('upstreams', upstreams);
  if (origin !== undefined && (typeof origin !== 'string' || !/^https?:\/\/[^/?#\s]+$/.test(origin))) {
    throw misuse('origin', origin, 'scheme and host, such as https://mirror.example');
  }
  return {
    ...options, offline, verify, origin, hosts,
    clientTimeout: duration('clientTimeout', options.clientTimeout, 120_000),
    negativeTtl: duration('negativeTtl', options.negativeTtl, 10_000),
  };
}
