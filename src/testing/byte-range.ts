/** A stretch of bytes, both ends included. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * What a Range header asks of so many bytes (RFC 9110, 14.1.2): one range of `bytes=N-M`, `N-` or `-N`. Anything else is
 * undefined, and the whole is to be sent.
 */
export function spanOf(range: string | undefined, total: number): ByteSpan | 'unsatisfiable' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') return Number(to) === 0 || total === 0 ? 'unsatisfiable' : {start: Math.max(0, total - Number(to)), end: total - 1};
  if (to !== '' && Number(to) < Number(from)) return undefined;
  if (Number(from) >= total) return 'unsatisfiable';
  return {start: Number(from), end: to === '' ? total - 1 : Math.min(Number(to), total - 1)};
}
