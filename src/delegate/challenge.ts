/** A Bearer challenge (RFC 6750, 3; RFC 9110, 11.6.1). */
export interface Challenge {
  readonly realm: string;
  readonly service?: string | undefined;
  readonly scope?: string | undefined;
}

// A name begins after white space or a comma and is bounded, so that a long header can't make this slow.
const PARAMETER = /(?:^|[\s,])([!#$%&'*+.^_`|~\w-]{1,64})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~\w-]+))/g;

/** The Bearer challenge of a WWW-Authenticate header; undefined when there is none, or its realm is not a web address. */
export function parseChallenge(header: string): Challenge | undefined {
  const start = /(?:^|,)\s*bearer\s+/i.exec(header);
  if (start === null) return undefined;
  const rest = header.slice(start.index + start[0].length).replace(/,\s*[\w-]+\s+(?=[\w-]+\s*=).*$/s, '');
  const found: Partial<Record<string, string>> = {};
  for (const [, name = '', quoted, token] of rest.matchAll(PARAMETER)) {
    found[name.toLowerCase()] ??= quoted?.replace(/\\(.)/g, '$1') ?? token ?? '';
  }
  const {realm, service, scope} = found;
  if (realm === undefined || !URL.canParse(realm) || !/^https?:$/.test(new URL(realm).protocol)) return undefined;
  return {realm, service, scope};
}
