import {misuse} from './options.js';
import {redactUrl} from './redact.js';
import {liftUser, type User} from './settings.js';

/** A URL taken apart: secrets out of the text. */
export interface PlainUrl {
  /** Without userinfo and fragment, otherwise as given: never re-encoded. */
  readonly href: string;
  readonly origin: string;
  readonly user: User | undefined;
}

/** Reads a URL from a caller. @throws TypeError naming the option */
export function plainUrl(option: string, value: string | URL, schemes?: readonly string[]): PlainUrl {
  if ((typeof value !== 'string' && !(value instanceof URL)) || !URL.canParse(String(value))) throw misuse(option, value, 'an absolute URL');
  const url = new URL(value);
  if (schemes !== undefined && !schemes.includes(url.protocol)) {
    throw misuse(option, redactUrl(url), `a URL with scheme ${schemes.map((scheme) => scheme.slice(0, -1)).join(' or ')}`);
  }
  const user = liftUser(url);
  url.username = '';
  url.password = '';
  url.hash = '';
  return {href: url.href, origin: originOf(url), user};
}

/** scheme + host + port, for every scheme (WHATWG says `null` for those it doesn't know). */
export function originOf(url: string | URL): string {
  const {protocol, host} = typeof url === 'string' ? new URL(url) : url;
  return `${protocol}//${host}`;
}
