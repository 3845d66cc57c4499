import type {Continuation, KeptBytes, Reply, ResumeKey} from '../core/contract.js';
import {Interrupted, ProtocolError, ResumeRejected, TooLarge, ValidationError, type DownloadError} from '../core/errors.js';
import {originOf} from '../core/url.js';
import type {Attempt} from './attempt.js';
import {ByteSequence, isProven, type Judges} from './byte-sequence.js';
import {resumeKeyOf, totalOf} from './resume-key.js';
import type {WriterGate} from './writer-gate.js';

/**
 * What a run has of the body: the bytes that its writer accepted, the sequence that judges them, and under what they
 * may be continued. Kept from one attempt to the next, and dropped at any doubt about them.
 */
export class PartialBody {
  readonly #judges: Judges;
  readonly #gate: WriterGate;
  /** Addresses that refused to go on; they are asked for the whole. */
  readonly #refused = new Set<string>();
  #sequence: ByteSequence | undefined;
  #key: ResumeKey | undefined;
  /** The reply that the first byte came with. */
  #reply: Reply | undefined;
  /** Where the bytes came from; undefined for those of an earlier run. */
  #origin: string | undefined;
  #weak = false;

  constructor(judges: Judges, gate: WriterGate) {
    this.#judges = judges;
    this.#gate = gate;
  }

  /** Whether bytes were continued on no better evidence than a date. */
  get weaklyResumed(): boolean {
    return this.#weak && !this.#proven;
  }

  /** How far the bytes go. */
  get size(): number {
    return this.#sequence?.size ?? 0;
  }

  /** Whether a later run could go on from here. */
  get keepable(): boolean {
    return (this.size > 0 || this.#reply?.pieces !== undefined) && this.#currentKey() !== undefined;
  }

  /** Takes what an earlier run left: the validations see it as if it came in again. Bytes that they refuse are dropped. */
  async adopt({offset, key}: KeptBytes, signal: AbortSignal): Promise<void> {
    const sequence = new ByteSequence(this.#judges, undefined);
    try {
      for await (const chunk of this.#gate.read()) {
        signal.throwIfAborted();
        sequence.admit(chunk.byteLength);
        sequence.update(chunk);
      }
    } catch (thrown) {
      if (!(thrown instanceof ValidationError) && !(thrown instanceof TooLarge)) throw thrown;
      return;
    }
    if (sequence.size !== offset) return;
    this.#sequence = sequence;
    this.#key = key;
  }

  /** Whether an attempt at this address could go on, or begin again. */
  mayTry(url: string): boolean {
    return this.#gate.canStartAgain || this.continuationAt(url) !== undefined;
  }

  /** How an attempt at this address may go on; undefined: it begins at byte 0. */
  continuationAt(url: string): Continuation | undefined {
    const offset = this.size;
    if (offset === 0 || this.#refused.has(url)) return undefined;
    const key = this.#currentKey();
    const proven = this.#proven;
    const same = this.#origin === undefined || this.#origin === originOf(url);
    if (key === undefined || (!proven && !same)) return undefined;
    return {offset, key, proven, ifRange: same ? key.etag ?? key.lastModified : undefined};
  }

  /**
   * Goes on with a reply, or begins again with it: the writer is opened or taken back. @returns who judges its bytes
   *
   * @throws ResumeRejected when the reply begins again and the writer can't
   */
  async accept(reply: Reply, attempt: Attempt): Promise<ByteSequence> {
    const {resume} = attempt;
    if (resume !== undefined && this.#sequence !== undefined && reply.offset === resume.offset && this.#sequence.size === resume.offset) {
      this.#weak ||= resume.key.etag === undefined;
      await this.#gate.goOn({length: totalOf(reply), reply, offset: reply.offset, key: this.#keyForWriter()}, attempt);
      return this.#sequence;
    }
    if (reply.offset !== 0) throw new ResumeRejected(`the answer begins at byte ${reply.offset}, expected 0: ${reply.url}`, {url: reply.url});
    attempt.offset = 0;
    this.#forget();
    this.#reply = reply;
    this.#origin = originOf(attempt.url);
    await this.#gate.begin({length: totalOf(reply), reply, offset: 0, key: this.#keyForWriter()}, attempt);
    return this.#sequence = new ByteSequence(this.#judges, reply);
  }

  /** Learns from a fault of an attempt: doubtful bytes are dropped. */
  failed(error: DownloadError, {url, resume, accepted, reply}: Attempt): void {
    // A part that was promised and brought no byte would bring none next time either.
    const barren = resume !== undefined && reply !== undefined && accepted === 0 && error instanceof Interrupted;
    if (error instanceof ResumeRejected || barren) this.#refused.add(url);
    // After a broken answer nobody knows what else of it was wrong.
    if (error instanceof ValidationError || error instanceof ProtocolError || error instanceof TooLarge) this.#forget();
  }

  #forget(): void {
    this.#sequence = undefined;
    this.#key = undefined;
    this.#reply = undefined;
    this.#origin = undefined;
    this.#weak = false;
  }

  get #proven(): boolean {
    return isProven(this.#judges.validations, ['digest']);
  }

  /** Made when somebody wants it: most downloads are never continued. */
  #currentKey(): ResumeKey | undefined {
    this.#key ??= this.#reply === undefined ? undefined : resumeKeyOf(this.#reply);
    const key = this.#key;
    return key !== undefined && (key.etag !== undefined || key.lastModified !== undefined || this.#proven) ? key : undefined;
  }

  #keyForWriter(): ResumeKey | undefined {
    return this.#gate.resumes ? this.#currentKey() : undefined;
  }
}
