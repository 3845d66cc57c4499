/** A scheme, and before the next slash an `@`: where a URL has its name and password. */
const USERINFO = /\b[a-z][a-z0-9+.-]{0,30}:[\\/]{2,}[^\s\\/?#]*@/i;
/** Of these schemes URL parsers want no slashes at all (WHATWG URL, special schemes). */
const WITHOUT_SLASHES = /\b(?:https?|wss?|ftp):[\\/]*[^\s\\/?#]*@/i;
/** URL parsers leave these out, wherever they stand. */
const LEFT_OUT = /[\t\n\r]/g;

/** Whether a text somewhere in a JSON value, keys included, is or holds a URL with a name or password in it. */
export function holdsCredentials(value: unknown): boolean {
  if (typeof value === 'string') return isWithUserinfo(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, item]) => isWithUserinfo(name) || holdsCredentials(item));
}

function isWithUserinfo(text: string): boolean {
  if (!text.includes('@')) return false;
  if (URL.canParse(text)) {
    const {username, password} = new URL(text);
    if (username !== '' || password !== '') return true;
  }
  const plain = text.replace(LEFT_OUT, '');
  return USERINFO.test(plain) || WITHOUT_SLASHES.test(plain) || USERINFO.test(text);
}
