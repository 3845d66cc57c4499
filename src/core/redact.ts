import {inspect} from 'node:util';

/** What stands where a secret stood. */
export const REDACTED = '***';

const SECRET_NAME = /sig|token|secret|pass|pwd|auth|cred|key|session|cookie|jwt|code|nonce|hmac|(?<![a-z])(?:pw|pin|otp|sid)(?![a-z])/i;
const SECRET_HEADER = /auth(?!enticate)|cookie|token|secret|pass|key|sig|cred|session|jwt|hmac/i;
/** Most URLs have no part that could hold a secret, and every event and record shows one. */
const HOLDS_NOTHING = /^https?:\/\/[^\s?#@\\]*$/;
const LONG_VALUE = 32;
// Names are bounded, so that a long text from a server can't make these slow.
const URL_IN_TEXT = /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'<>\\]+/gi;
const SCHEME_AND_SECRET = /\b(basic|bearer|negotiate)\s+(?!authenti|authori|realm=)[^\s,;"']{4,}/gi;
const DIGEST_CREDENTIAL = /\b(digest)\s+[a-z]+\s*=.*/gi;
const SECRET_LINE = '(?:proxy-)?authorization|(?:set-)?cookie|x-[\\w-]{0,40}(?:auth|key|token|secret)[\\w-]{0,40}';
const HEADER_IN_TEXT = new RegExp(`\\b(${SECRET_LINE})([ \\t]*:[ \\t]*)\\S.*`, 'gi');
const SECRET_FIELD = '(?:(?<![a-z])sig(?:nature)?(?![a-z])|token|secret|passw|passphrase|pwd|api-?key|credential|hmac|jwt)[\\w-]{0,40}';
const VALUE = '(?:(["\'])(?:\\\\.|(?!\\2).)*\\2?|[^\\s"\'&;,]+)';
const FIELD_IN_TEXT = new RegExp(`(${SECRET_FIELD}["']?[ \\t]*(?:=|["'][ \\t]*:)[ \\t]*)${VALUE}`, 'gi');

/**
 * A URL that may be shown: no userinfo, no fragment, and no query value that could be a secret (a telling name, or 32
 * characters and more, as in signed URLs).
 */
export function redactUrl(url: string | URL): string {
  if (typeof url === 'string' && HOLDS_NOTHING.test(url)) return url;
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return redactUserinfo(String(url)).replace(/[?#].*$/s, `?${REDACTED}`);
  }
  parsed.username = '';
  parsed.password = '';
  parsed.hash = '';
  if (parsed.search !== '') parsed.search = parsed.search.replace(/[^?&;]+/g, redactParameter);
  // Where the scheme was forgotten (`elmer:secret@host`) the userinfo is a part of the path.
  return parsed.pathname.startsWith('/') ? parsed.href : redactUserinfo(parsed.href);
}

/** For a text that is no proper URL: what stands before the last `@` goes, if it could hold a password. */
function redactUserinfo(text: string): string {
  const at = text.lastIndexOf('@');
  const start = /^\s*[a-z][a-z0-9+.-]{0,30}:\/\//i.exec(text)?.[0] ?? '';
  if (at < start.length || (start === '' && !text.slice(0, at).includes(':'))) return text;
  return start + REDACTED + text.slice(at);
}

function redactParameter(parameter: string): string {
  const at = parameter.indexOf('=');
  if (at < 0) return parameter.length >= LONG_VALUE ? REDACTED : parameter;
  const name = parameter.slice(0, at);
  const value = parameter.slice(at + 1);
  const secret = SECRET_NAME.test(decodeLoosely(name)) || value.length >= LONG_VALUE || /:\/\/.*@/s.test(decodeLoosely(value));
  return secret ? `${name}=${REDACTED}` : parameter;
}

function decodeLoosely(text: string): string {
  return text.replace(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(parseInt(code.slice(1), 16)));
}

/**
 * A text from elsewhere (a server, a library) that may be shown: URLs, credentials, secret headers and fields with a
 * telling name (`token=…`, `"password": "…"`) are redacted.
 */
export function redactText(text: string): string {
  return text.replace(URL_IN_TEXT, (url) => redactUrl(url))
    .replace(HEADER_IN_TEXT, `$1$2${REDACTED}`)
    .replace(SCHEME_AND_SECRET, `$1 ${REDACTED}`)
    .replace(DIGEST_CREDENTIAL, `$1 ${REDACTED}`)
    .replace(FIELD_IN_TEXT, `$1$2${REDACTED}$2`);
}

/** Headers that may be shown. */
export function redactHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) =>
    [name, SECRET_HEADER.test(name) ? REDACTED : redactText(value)]));
}

/** Headers as they came, for code; their JSON and inspect forms are redacted. */
export function quietHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const shown = {value: () => redactHeaders(headers)};
  return Object.freeze(Object.defineProperties({...headers}, {toJSON: shown, [inspect.custom]: shown}));
}

/** A value from a caller, short enough for a message, with secrets redacted. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    const safe = redactText(URL.canParse(value) ? redactUrl(value) : redactUserinfo(value));
    return JSON.stringify(safe.length > 120 ? `${safe.slice(0, 117)}...` : safe);
  }
  if (typeof value === 'function') return `a function`;
  if (typeof value === 'object' && value !== null) return `${/^[aeio]/i.test(typeName(value)) ? 'an' : 'a'} ${typeName(value)}`;
  return inspect(value);
}

function typeName(value: object): string {
  return (value.constructor as {name?: string} | undefined)?.name ?? 'object';
}

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text from a server, made harmless for a terminal. */
export function escapeControls(text: string): string {
  return text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
