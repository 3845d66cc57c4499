import {parsePointer} from '../merge/json-pointer.js';

/** What clients and proxies drop from a path, in place of which these stand. */
const DOTS: Readonly<Record<string, string>> = {'.': '~2', '..': '~2~2'};
const NAMES: Readonly<Record<string, string>> = {'~2': '.', '~2~2': '..'};

/** The address of a release, from the server's root: `/releases/<name>`. @throws URIError for half of a character */
export function releasePath(name: string): string {
  return `/releases/${segmentOf(name.replaceAll('~', '~0').replaceAll('/', '~1'))}`;
}

/**
 * The address of a part, or of all parts when there is no pointer: `/releases/<name>/parts/linux-x64/de`.
 *
 * Segments are the tokens of a JSON Pointer, percent-encoded, so that no slash hides in a name; the names `.` and `..`,
 * which clients resolve before they send, are `~2` and `~2~2`.
 *
 * @throws URIError for half of a character
 */
export function partsPath(name: string, pointer = ''): string {
  return `${releasePath(name)}/parts${pointer.split('/').map((token, at) => at === 0 ? '' : `/${segmentOf(token)}`).join('')}`;
}

/** A release's name as it was before `releasePath`. @param segment one segment, percent-decoded */
export function nameOf(segment: string): string {
  try {
    return parsePointer(`/${dotted(segment)}`)[0] ?? '';
  } catch {
    // Somebody wrote the ~ of a name as it is.
    return segment;
  }
}

/** A part's path as it was before `partsPath`. @param rest what follows `/parts/`, percent-decoded */
export function pointerOf(rest: string): string {
  return `/${rest.split('/').map(dotted).join('/')}`;
}

function segmentOf(token: string): string {
  return encodeURIComponent(Object.hasOwn(DOTS, token) ? DOTS[token] ?? token : token);
}

function dotted(segment: string): string {
  return Object.hasOwn(NAMES, segment) ? NAMES[segment] ?? segment : segment;
}
