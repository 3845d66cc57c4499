import {onlyKeys, wholeNumber} from '../core/options.js';

/** Bytes `start` to `end`, both included (RFC 9110, 14.1.2). */
export interface ByteRange {
  readonly start: number;
  /** @default the last one of the file */
  readonly end?: number | undefined;
}

/** @throws TypeError, RangeError naming the option */
export function checkRange(range: ByteRange): ByteRange {
  onlyKeys('range', range, ['start', 'end']);
  wholeNumber('range.start', range.start, 0);
  if (range.end !== undefined) wholeNumber('range.end', range.end, range.start);
  return Object.freeze({...range});
}
