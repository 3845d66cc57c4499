import type {ByteRange} from '../download/byte-range.js';

/** Bytes from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a Range header asks of a body whose size is not known; `last`: so many of its last bytes. Undefined: the whole. */
export function rangeOf(header: string): ByteRange | {readonly last: number} | undefined {
  const last = Number(/^bytes=[ \t]*-(\d{1,15})[ \t]*$/i.exec(header)?.[1] ?? NaN);
  if (!Number.isNaN(last)) return {last};
  const span = spanOf(header, Number.MAX_SAFE_INTEGER);
  if (span === undefined || span === 'unsatisfiable') return undefined;
  return span.end === Number.MAX_SAFE_INTEGER ? {start: span.start} : {start: span.start, end: span.end - 1};
}

/**
 * What a Range header asks of so many bytes (RFC 9110, 14.1.2), clamped. Undefined: the whole is sent, since there is no
 * such header, it says nothing that is understood, or it asks for several parts.
 */
export function spanOf(range: string | undefined, size: number): Span | 'unsatisfiable' | undefined {
  const [, from = '', to = ''] = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(range ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') {
    const length = Math.min(Number(to), size);
    return length === 0 ? 'unsatisfiable' : {start: size - length, end: size};
  }
  const [start, last] = [Number(from), to === '' ? Infinity : Number(to)];
  if (last < start) return undefined;
  return start >= size ? 'unsatisfiable' : {start, end: Math.min(last + 1, size)};
}
