/* global URLSearchParams, history, location */

/** What the part of the address behind `#` says: `{path: ['release', 'r1'], query}`. Undefined when it can't be read. */
export function readRoute(hash) {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  try {
    return {path: path === '' ? [] : path.split('/').map(decodeURIComponent), query: Object.fromEntries(new URLSearchParams(query))};
  } catch {
    return undefined;
  }
}

/** The `href` of a view: `href(['release', 'r1'], {version: 3})`. */
export function href(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = String(new URLSearchParams(given));
  return `#/${path.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

/** Notes what a field says in the address, so that a reload and the way back find it again. */
export function note(query) {
  const {path, query: before} = readRoute(location.hash) ?? {path: [], query: {}};
  history.replaceState(null, '', href(path, {...before, ...query}));
}

/** Goes to a view. */
export function go(path, query) {
  location.hash = href(path, query);
}

/** The moment that a state is asked for: `{version}`, `{at}` or none. */
export function momentOf({version, at}) {
  return version === undefined ? {at} : {version};
}
