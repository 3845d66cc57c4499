import type {Continuation, Reply} from '../core/contract.js';
import {ReplyFailed} from '../core/errors.js';
import {checkRange, type ByteRange} from './byte-range.js';
import {hopOf, totalOf} from './resume-key.js';
import {SlicedBody} from './sliced-body.js';

/** A range of a file that is fetched as if it were the file: from here on its bytes are counted from 0. */
export class Slice {
  readonly #start: number;
  /** The first byte that isn't wanted any more. */
  readonly #end: number | undefined;
  /** Tells bytes of this slice from those of another, when they are continued. */
  readonly #mark: string;
  /** Bytes of the whole, once a source said so. */
  #total: number | undefined;

  /** @throws TypeError, RangeError naming the option */
  constructor(range: ByteRange) {
    const {start, end} = checkRange(range);
    this.#start = start;
    this.#end = end === undefined ? undefined : end + 1;
    this.#mark = `#${start}-${end ?? ''}`;
  }

  /**
   * Asks for it, or for the rest of it (RFC 9110, 14.2). A source that sends the whole instead is cut to size, and begins
   * again at its first byte. The reply is that of the slice; it has a fault when the file ends before. `skipped` is told
   * of bytes that come for nothing.
   */
  async fetch(
    resume: Continuation | undefined, ask: (asked: Continuation) => Promise<Reply>, skipped: (bytes: number) => void,
  ): Promise<Reply> {
    // Where nothing is here yet, nothing can be mixed.
    const asked: Continuation = this.#continue(resume) ?? {offset: this.#start, end: this.#end, key: {hop: ''}, proven: true};
    const answer = await ask(asked);
    const reply = {...answer, hop: hopOf(answer) + this.#mark};
    if (asked.offset === this.#start && reply.status === 416) return {...reply, fault: this.#beyond(reply, undefined)};
    if (reply.fault !== undefined || reply.notModified === true) return reply;
    const whole = totalOf(reply);
    const total = whole === undefined ? undefined : Math.min(this.#end ?? whole, whole) - this.#start;
    this.#total = whole;
    const range = {start: this.#start, total: whole};
    if (total !== undefined && total <= 0) return {...reply, fault: this.#beyond(reply, whole)};
    if (reply.status === 206 || reply.status === 416) return {...reply, offset: reply.offset - this.#start, total, range};
    const body = reply.body && new SlicedBody(reply.body, this.#start, this.#end, skipped);
    return {...reply, offset: 0, length: total, total, range, body};
  }

  #continue(resume: Continuation | undefined): Continuation | undefined {
    if (resume?.key.hop.endsWith(this.#mark) !== true) return undefined;
    const key = {...resume.key, hop: resume.key.hop.slice(0, -this.#mark.length), total: this.#total};
    return {...resume, offset: this.#start + resume.offset, end: this.#end, key};
  }

  #beyond({status, headers, url}: Reply, whole: number | undefined): ReplyFailed {
    const size = whole === undefined ? '' : ` of ${whole} bytes`;
    const told = whole === undefined ? {} : {'content-range': `bytes */${whole}`};
    const why = `the file${size} has no byte ${this.#start} (${status}): ${url}`;
    return new ReplyFailed(why, {status: 416, headers: {...headers, ...told}, body: ''}, {url});
  }
}
