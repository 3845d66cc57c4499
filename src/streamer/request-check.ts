import type {IncomingMessage} from 'node:http';
import type {StreamRequest} from './importer.js';
import type {Problem} from './problem.js';

/** The longest request target, bytes. */
const LONGEST_TARGET = 8192;
/** Hop-by-hop (RFC 9110, 7.6.1), credentials, and what the streamer answers itself. */
const LEFT_OUT = new RegExp(`^(?:${['connection', 'keep-alive', 'te', 'trailers?', 'transfer-encoding', 'upgrade', 'proxy-.*',
  'expect', 'host', 'cookie2?', 'authorization', 'range', 'if-.*', 'content-length'].join('|')})$`);
/** A dot segment, also with the parameters that servers of Java cut off first. */
const WAY_UP = /^\.{1,2}(?:;.*)?$/;
/** How often a path may be encoded. */
const MOST_ENCODED = 4;
const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/** A request as an importer sees it, or why it is refused. `origin`: how clients reach the streamer, when that is known. */
export function readRequest(request: IncomingMessage, origin: string | undefined): StreamRequest | {readonly problem: Problem} {
  const {method, url = '', headers} = request;
  if (method !== 'GET' && method !== 'HEAD') {
    return {problem: {status: 405, title: 'Method Not Allowed', headers: {allow: 'GET, HEAD'}, close: true}};
  }
  if (url.length > LONGEST_TARGET) return {problem: {status: 414, title: 'URI Too Long', close: true}};
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
  if (hasBody) return bad('a body is not expected');
  const hosts = request.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length;
  const host = headers.host ?? '';
  if (hosts > 1 || (host !== '' && !HOST.test(host))) return bad('expected one Host');
  const [path, query] = split(url);
  const fault = faultOf(path, query);
  if (fault !== undefined) return bad(fault);
  const scheme = (request.socket as {encrypted?: boolean} | null)?.encrypted === true ? 'https' : 'http';
  return {method, path, query, headers: forImporter(headers), origin: origin ?? `${scheme}://${host === '' ? 'localhost' : host}`};
}

function bad(detail: string): {readonly problem: Problem} {
  return {problem: {status: 400, title: 'Bad Request', detail, close: true}};
}

function split(url: string): [string, string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

/** What is wrong with a target: it must stay below the root however often somebody decodes it. */
function faultOf(path: string, query: string): string | undefined {
  if (!path.startsWith('/')) return 'expected a path, not an absolute address';
  if (/[^\x21-\x7e]|[\\#<>"{}|^`]/.test(path) || /[^\x21-\x7e]|#/.test(query)) return 'the target has a character that must be encoded';
  if (!isDecodable(path)) return 'the path has a broken escape';
  let text = path;
  for (let depth = 0; depth < MOST_ENCODED; depth++) {
    if (text.startsWith('//')) return 'the path begins with two slashes';
    if (/[\x00-\x1f\x7f\\]/.test(text)) return 'the path has a control character or backslash'; // eslint-disable-line no-control-regex
    if (text.split('/').some((segment) => WAY_UP.test(segment))) return 'the path has dot segments';
    // Byte by byte: a broken escape further in must not hide what stands beside it.
    const decoded = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    if (decoded === text) return undefined;
    text = decoded;
  }
  return 'the path is encoded too often';
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function forImporter(headers: IncomingMessage['headers']): Record<string, string> {
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined || LEFT_OUT.test(name) || named.has(name)) return [];
    return [[name, Array.isArray(value) ? value.join(', ') : value]];
  }));
}
