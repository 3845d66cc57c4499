/** A scheme, and before the next slash an `@`: where a URL has its name and password. */
const USERINFO = /\b[a-z][a-z0-9+.-]{0,30}:[\\/]{2,}[^\s\\/?#]*@/i;

/** Whether a text somewhere in a JSON value, keys included, is or holds a URL with a name or password in it. */
export function holdsCredentials(value: unknown): boolean {
  if (typeof value === 'string') return USERINFO.test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, item]) => USERINFO.test(name) || holdsCredentials(item));
}
