import {pathSegments} from './request-path.js';

/** What a path of a registry stands for. */
export interface NpmPath {
  /** `name` or `@scope/name`. */
  readonly name: string;
  /** The file name of a tarball; absent: the package's document. */
  readonly file?: string | undefined;
}

/** As the registry's rules have it, and the upper case of old packages. */
const NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*$/i;
const FILE = /^[a-z0-9~@_-][a-z0-9._~+@-]*$/i;

/**
 * Reads `/name`, `/@scope/name` and `/@scope%2fname`, and the same with `/-/file.tgz` behind it; some registries repeat
 * the scope before the file.
 *
 * @returns undefined for all else, such as `/-/v1/search` and `/-/npm/v1/security/audits`
 */
export function npmPath(path: string): NpmPath | undefined {
  const segments = pathSegments(path.replace(/^\/(?:@|%40)([^/%]+)%2f/i, '/@$1/').replace(/^\/%40/, '/@'));
  if (segments === undefined) return undefined;
  const length = segments[0]?.startsWith('@') === true ? 2 : 1;
  const name = segments.slice(0, length).join('/');
  if (segments.length < length || !NAME.test(name)) return undefined;
  const rest = segments.slice(length);
  if (rest.length === 0) return {name};
  if (rest.length === 3 && rest[1] === segments[0] && length === 2) rest.splice(1, 1);
  const [dash, file = ''] = rest;
  return dash === '-' && rest.length === 2 && FILE.test(decoded(file)) ? {name, file: decoded(file)} : undefined;
}

/** Percent-encoded segments of a package's address: upstream sees a scope's slash encoded, as npm itself asks. */
export function npmSegments({name, file}: NpmPath): string[] {
  return file === undefined ? [name.replace('/', '%2f')] : [...name.split('/'), '-', encodeURIComponent(file).replaceAll('%40', '@')];
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
