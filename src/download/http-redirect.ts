import type {HeaderMap, Hop} from '../core/contract.js';
import {RedirectRefused} from '../core/errors.js';
import {redactUrl} from '../core/redact.js';
import type {HttpBody} from './http-body.js';
import type {HttpAnswer} from './http-transport.js';

const FOLLOWED = new Set([301, 302, 303, 307, 308]);

/** Where the redirects ended. */
export interface Followed {
  readonly answer: HttpAnswer;
  readonly url: string;
  readonly hops: readonly Hop[];
}

/**
 * Follows redirects, ours: each hop is asked anew with what belongs to its origin. Refused: more than `limit`, loops,
 * https → http, other schemes, an address that isn't one. userinfo in a Location is dropped, never used.
 *
 * @throws RedirectRefused
 */
export async function follow(first: string, limit: number, ask: (url: string) => Promise<HttpAnswer>): Promise<Followed> {
  const hops: Hop[] = [];
  const visited = new Set<string>();
  for (let url = first; ;) {
    visited.add(url);
    const answer = await ask(url);
    const {status, headers} = answer;
    const {location} = headers;
    hops.push(hopTo(url, status, headers));
    if (!FOLLOWED.has(status) || location === undefined) return {answer, url, hops: Object.freeze(hops)};
    try {
      url = nextHop(url, location);
      if (visited.has(url)) throw refused(`redirected in a loop, back to ${redactUrl(url)}`, url);
      if (hops.length > limit) throw refused(`redirected more than ${limit} times, last to ${redactUrl(url)}`, url);
    } finally {
      await drain(answer.body);
    }
  }
}

/** Redirectors that know mirrors name them on the way (RFC 6249, 3). */
function hopTo(url: string, status: number, {link, digest}: HeaderMap): Hop {
  const hop = {url: redactUrl(url), status};
  return link === undefined && digest === undefined ? hop
    : {...hop, headers: Object.freeze({...link === undefined ? {} : {link}, ...digest === undefined ? {} : {digest}})};
}

function nextHop(from: string, location: string): string {
  // Bytes beyond ASCII, which node reads as latin1, are kept as they are: UTF-8 from most servers, latin1 from some.
  const text = location.replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
  if (!URL.canParse(text, from)) throw refused('redirected to what is not a URL', from);
  const next = new URL(text, from);
  next.username = '';
  next.password = '';
  next.hash = '';
  if (next.protocol !== 'http:' && next.protocol !== 'https:') {
    throw refused(`redirected to scheme ${next.protocol.slice(0, -1)}, expected http or https`, from);
  }
  if (from.startsWith('https:') && next.protocol === 'http:') throw refused(`redirected from https to http, to ${redactUrl(next)}`, from);
  return next.href;
}

function refused(why: string, url: string): RedirectRefused {
  return new RedirectRefused(why, {url});
}

/** Bytes of a redirect's or error's body that are read so that the connection can be kept. */
const MOST_DRAINED = 64 * 1024;

/** Reads a small body to its end and gives the text; a large one is cut off with its connection. */
export async function drain(body: HttpBody): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      if ((size += chunk.byteLength) > MOST_DRAINED) break;
    }
  } catch {
    // What the body would have said doesn't matter then.
  }
  return Buffer.concat(chunks).toString('utf8', 0, Math.min(size, MOST_DRAINED));
}
