/** Characters of a path (RFC 3986, 3.3); everything else must come percent-encoded. */
const PATH = /^\/(?:[\w.~!$&'()*+,;=:@/-]|%[0-9a-f]{2})*$/i;
const UNRESERVED = /^[\w.~-]$/;
/** What some server takes for a slash, or for the end of a name. */
const TRICKS = /%(?:2f|5c|[01][0-9a-f]|7f)/i;

/**
 * The segments of a request's path in one spelling (RFC 3986, 6.2.2): what needs no percent-encoding has none, the rest
 * has upper-case digits. A path that ends in a slash has an empty last segment.
 *
 * @returns undefined for what no server should be asked: dot segments however they are spelled, empty segments, encoded
 * slashes, backslashes and control characters, bytes that are no part of a path
 */
export function pathSegments(path: string): string[] | undefined {
  if (!PATH.test(path) || TRICKS.test(path)) return undefined;
  const segments = path.slice(1).replace(/%[0-9a-f]{2}/gi, canonical).split('/');
  const refused = segments.some((segment, at) => segment === '.' || segment === '..' || (segment === '' && at < segments.length - 1));
  return refused ? undefined : segments;
}

/** Segments as the names that they stand for. @returns undefined when one is not UTF-8 or would be several */
export function decodedSegments(segments: readonly string[]): string[] | undefined {
  try {
    return segments.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function canonical(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return UNRESERVED.test(character) ? character : encoded.toUpperCase();
}
