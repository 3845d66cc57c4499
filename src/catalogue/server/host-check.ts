import {isIP} from 'node:net';
import type {IncomingMessage} from 'node:http';
import {badRequest, Problem} from './problem.js';

const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i;
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** Whether only this machine reaches an address to listen on. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Refuses requests that were meant for somebody else. A page of another site can make a browser ask this server, under a
 * name of its own that it points here; such a request has that name as its Host, or says where it comes from.
 */
export class HostCheck {
  readonly #hosts: ReadonlySet<string> | undefined;

  /** @param hosts the names that clients use, without ports. Default: on loopback its names, elsewhere any */
  constructor(host: string, hosts: readonly string[] | undefined) {
    const names = hosts ?? (isLoopback(host) ? [...LOOPBACK_NAMES, isIP(host) === 6 ? `[${host}]` : host] : undefined);
    this.#hosts = names === undefined ? undefined : new Set(names.map((name) => name.toLowerCase()));
  }

  /** @throws Problem 400, 403 or 421 */
  check(request: IncomingMessage): void {
    const {url = '', headers, rawHeaders, method} = request;
    if (!url.startsWith('/') || url.startsWith('//')) throw badRequest('expected a path, not an absolute address');
    const given = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length;
    const name = HOST.exec(headers.host ?? '')?.[1];
    if (given !== 1 || name === undefined) throw badRequest('expected one Host');
    if (this.#hosts?.has(name.toLowerCase()) === false) throw Problem.of(421, 'WRONG_HOST');
    if (method !== 'GET' && method !== 'HEAD' && isForeign(headers.origin, headers.host, headers['sec-fetch-site'])) {
      throw Problem.of(403, 'FORBIDDEN', 'a browser asks on behalf of another site');
    }
  }
}

function isForeign(origin: string | undefined, host: string | undefined, site: unknown): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host?.toLowerCase();
}
