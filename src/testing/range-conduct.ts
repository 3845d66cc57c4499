import {gzipSync} from 'node:zlib';
import type {ByteSpan} from './byte-range.js';

/**
 * How a server treats requests for a part of a file: as RFC 9110 says, or in one of the wrong ways that are met in the
 * field. docs/reference/testing.md says what each does.
 */
export const RANGE_CONDUCTS = [
  'supported', 'ignored', 'unasked', 'if-range-ignored', 'if-range-refused',
  'wrong-start', 'other-total', 'unknown-total', 'no-content-range', 'multipart', 'encoded',
  'smaller', 'short', 'surplus', 'other-bytes', 'other-validator',
  '416', '416-total', '416-other-total', '416-garbled',
] as const;

/** One of RANGE_CONDUCTS. */
export type RangeConduct = (typeof RANGE_CONDUCTS)[number];

/** What is answered to a request for a part. */
export interface RangePart {
  readonly status: 206 | 416;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

const BOUNDARY = 'part-of-a-file';
const NOTHING = Buffer.alloc(0);

/** The part of a file as a server of this conduct sends it. */
export function partOf(conduct: RangeConduct, bytes: Uint8Array, span: ByteSpan): RangePart {
  const {start, end} = span;
  const total = bytes.byteLength;
  const body = bytes.subarray(start, end + 1);
  switch (conduct) {
    case 'wrong-start': {
      const wrong = start > 0 ? start - 1 : Math.min(1, end);
      return partial(bytes.subarray(wrong, end + 1), `bytes ${wrong}-${end}/${total}`);
    }
    case 'other-total': return partial(body, `bytes ${start}-${end}/${total + 1}`);
    case 'unknown-total': return partial(body, `bytes ${start}-${end}/*`);
    case 'no-content-range': return {status: 206, headers: [], body};
    case 'multipart': return multipart(body, `bytes ${start}-${end}/${total}`);
    case 'encoded': return partial(gzipSync(body), `bytes ${start}-${end}/${total}`, [['Content-Encoding', 'gzip']]);
    case 'smaller': {
      const last = start + ((end - start) >> 1);
      return partial(bytes.subarray(start, last + 1), `bytes ${start}-${last}/${total}`);
    }
    case 'short': return partial(body.subarray(0, -1), `bytes ${start}-${end}/${total}`);
    case 'surplus': return partial(Buffer.concat([body, Buffer.from('surplus')]), `bytes ${start}-${end}/${total}`);
    case 'other-bytes': return partial(body.map((byte) => byte ^ 0xff), `bytes ${start}-${end}/${total}`);
    case '416': return refused();
    case '416-total': return refused(`bytes */${total}`);
    case '416-other-total': return refused(`bytes */${total + 1}`);
    case '416-garbled': return refused(`bytes ${start}-${end}`);
    default: return partial(body, `bytes ${start}-${end}/${total}`);
  }
}

/** A 416, with what it says of the file, when it does. */
export function refused(contentRange?: string): RangePart {
  return {status: 416, headers: contentRange === undefined ? [] : [['Content-Range', contentRange]], body: NOTHING};
}

function partial(body: Uint8Array, contentRange: string, more: RangePart['headers'] = []): RangePart {
  return {status: 206, headers: [['Content-Range', contentRange], ...more], body};
}

function multipart(body: Uint8Array, contentRange: string): RangePart {
  const head = `--${BOUNDARY}\r\nContent-Type: application/octet-stream\r\nContent-Range: ${contentRange}\r\n\r\n`;
  return {
    status: 206,
    headers: [['Content-Type', `multipart/byteranges; boundary=${BOUNDARY}`]],
    body: Buffer.concat([Buffer.from(head), body, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]),
  };
}
