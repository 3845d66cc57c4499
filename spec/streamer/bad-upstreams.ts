import {gzipSync} from 'node:zlib';
import {fileAnswer, type FileAnswerOptions} from '../../src/testing/file-answer.js';
import {RANGE_CONDUCTS, type RangeConduct} from '../../src/testing/range-conduct.js';
import type {Answer} from '../../src/testing/answer.js';
import type {Script} from '../../src/testing/scripted-server.js';

/** A way of an upstream to be bad. */
export interface BadUpstream {
  readonly name: string;
  /** Whether only a digest can tell. */
  readonly digest: boolean;
  /** What it sends instead of a good content, that is told by its length or comes in chunks. */
  readonly script: (good: Buffer, framing: 'length' | 'chunked') => Script;
  /** Whether the bytes may come right in the end, since another attempt brings them. @default false */
  readonly mendable?: boolean;
  /** Framings that it can be told in. @default both */
  readonly framings?: readonly ('length' | 'chunked')[];
}

const BOTH = ['length', 'chunked'] as const;
const HEAD = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n\r\n';
const END = '0\r\n\r\n';
const chunk = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
const raw = (...parts: readonly (string | Buffer)[]): Answer => ({raw: Buffer.concat(parts.map((part) => Buffer.from(part))), cut: 'end'});
const half = (bytes: Buffer): number => bytes.length >> 1;

function spoilt(good: Buffer, at: number): Buffer {
  const bad = Buffer.from(good);
  bad[at] = (bad[at] as number) ^ 1;
  return bad;
}

/** A fault of the body that its framing shows. */
function cutting(name: string, fault: (good: Buffer) => Partial<Answer>, framings: BadUpstream['framings'] = BOTH): BadUpstream {
  return {name, digest: false, framings, script: (good, framing) => ({body: good, framing, ...fault(good)})};
}

/** Bytes that only a digest can tell from good ones. */
function lying(name: string, body: (good: Buffer) => Buffer): BadUpstream {
  return {name, digest: true, script: (good, framing) => ({body: body(good), framing})};
}

/** A whole answer, byte by byte. */
function misframed(name: string, parts: (good: Buffer) => readonly (string | Buffer)[], digest = false): BadUpstream {
  return {name, digest, framings: ['length'], script: (good) => raw(HEAD, ...parts(good))};
}

/** What upstreams do wrong with one request. */
export const BAD_UPSTREAMS: readonly BadUpstream[] = [
  lying('its last byte is wrong', (good) => spoilt(good, good.length - 1)),
  lying('its first byte is wrong', (good) => spoilt(good, 0)),
  lying('a byte in the middle is wrong', (good) => spoilt(good, half(good))),
  lying('a byte is missing', (good) => good.subarray(0, -1)),
  lying('there is a byte too many', (good) => Buffer.concat([good, Buffer.from('x')])),
  lying('it is empty', () => Buffer.alloc(0)),
  lying('it is a page that says sorry', () => Buffer.from('<html>Please log in</html>')),
  cutting('it is reset in the middle', (good) => ({cutAt: half(good), cut: 'reset'})),
  cutting('it is ended in the middle', (good) => ({cutAt: half(good), cut: 'end'})),
  cutting('it is ended before its first byte', () => ({cutAt: 0, cut: 'end'})),
  cutting('it is ended before its last byte', (good) => ({cutAt: good.length - 1, cut: 'end'})),
  cutting('it stalls in the middle', (good) => ({stallAt: half(good)})),
  cutting('it stalls before its last byte', (good) => ({stallAt: good.length - 1})),
  cutting('it stalls before the end of its chunks', (good) => ({stallAt: good.length}), ['chunked']),
  cutting('it never ends its chunks', (good) => ({cutAt: good.length, cut: 'end'}), ['chunked']),
  cutting('it is reset before the end of its chunks', (good) => ({cutAt: good.length, cut: 'reset'}), ['chunked']),
  cutting('it told more than it has', (good) => ({announce: good.length + 1}), ['length']),
  {name: 'it told less than it has', digest: true, framings: ['length'], script: (good) => ({body: good, announce: good.length - 1})},
  ...[true, false].map((digest): BadUpstream => ({
    name: `it ends without a length, in the middle, digest ${digest ? '' : 'un'}known`, digest, framings: ['length'],
    script: (good) => ({body: good, framing: 'close', cutAt: half(good), cut: 'end'}),
  })),
  cutting('it is reset without a length, in the middle', (good) => ({framing: 'close', cutAt: half(good), cut: 'reset'}), ['length']),
  misframed('it tells two lengths', (good) => [`Content-Length: ${good.length}\r\nContent-Length: ${half(good)}\r\n\r\n`, good]),
  misframed('it tells a length and chunks', (good) => [`Content-Length: ${half(good)}\r\n${CHUNKED}`, chunk(good), END]),
  misframed('its length is no number', (good) => [`Content-Length: ${half(good)}x\r\n\r\n`, good]),
  misframed('a chunk has no size', (good) => [CHUNKED, chunk(good), 'x\r\n\r\n']),
  misframed('a chunk is longer than its size', (good) => [CHUNKED, `${half(good).toString(16)}\r\n`, good, `\r\n${END}`]),
  misframed('it is chunked twice', (good) => ['Transfer-Encoding: chunked, chunked\r\n\r\n', chunk(chunk(good)), END]),
  misframed('it is a part that nobody asked for', (good) => (
    [`Content-Range: bytes 0-9/${good.length}\r\nContent-Length: 10\r\n\r\n`, good.subarray(0, 10)]
  )),
  misframed('it is compressed, which nobody asked for', (good) => {
    const packed = gzipSync(good);
    return [`Content-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`, packed];
  }, true),
];

/** Conducts that send other bytes under the same validator: nothing but a digest tells. */
const UNTOLD: readonly RangeConduct[] = ['other-bytes'];

/** What upstreams do wrong when a body that was cut is asked for again from there. */
export const BAD_CONTINUATIONS: readonly BadUpstream[] = RANGE_CONDUCTS.flatMap((range): BadUpstream[] => [true, false].map((digest) => ({
  name: `${range} ${digest ? 'with' : 'without'} a digest`, digest, mendable: true,
  script: (good, framing) => {
    const first = fileAnswer(good, {framing, cutAt: half(good)});
    const then = fileAnswer(good, {range, framing} satisfies FileAnswerOptions);
    return (request) => (request.nth === 1 ? first : then)(request);
  },
}))).filter(({name, digest}) => digest || !UNTOLD.some((range) => name.startsWith(range)));
