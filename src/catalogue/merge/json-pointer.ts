/** The names of a JSON Pointer (RFC 6901), unescaped: `/a~1b/0` → `['a/b', '0']`. @throws SyntaxError when it is none */
export function parsePointer(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new SyntaxError('a JSON Pointer is empty or starts with /');
  if (/~(?![01])/.test(pointer)) throw new SyntaxError('in a JSON Pointer ~ stands only in ~0 and ~1');
  return pointer.slice(1).split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The JSON Pointer (RFC 6901) of these names: `['a/b', '0']` → `/a~1b/0`; no names → the empty text, the whole document. */
export function formatPointer(names: readonly string[]): string {
  return names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
