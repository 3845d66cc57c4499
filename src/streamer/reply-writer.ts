import type {Digests, HeaderMap, Monitor, SequenceStart, WriterAbilities, WriterMeta} from '../core/contract.js';
import type {NamedDigest} from '../core/digest.js';
import {Cancelled} from '../core/errors.js';
import {BaseWriter} from '../writer/base-writer.js';
import type {Answer} from './answer.js';
import type {ClientReply} from './client-reply.js';
import type {Decide} from './follower.js';
import {releasable} from './hold-back.js';
import {demand} from './part-writer.js';

/** What it is made with. */
export interface ReplyWriterOptions {
  readonly reply: ClientReply;
  readonly decide: Decide;
  /** What the reply said whose body comes now. */
  readonly headers: () => HeaderMap;
  /** Whether somebody is still to judge the bytes. */
  readonly judged: () => boolean;
  /** What the bytes must be, beside what the download demands. */
  readonly digest: NamedDigest | undefined;
}

const ABILITIES: WriterAbilities = Object.freeze({rewind: true, resume: false, positional: false, read: false});

/**
 * Hands the bytes to one client at its pace, and holds the last 64 KiB back until they were judged: a small body can
 * thus still become another mirror's, and a larger one that is bad is cut off. Holds 128 KiB at most, and one chunk.
 */
export class ReplyWriter extends BaseWriter implements Monitor {
  readonly #options: ReplyWriterOptions;
  #answer: Answer | undefined;
  #digests: Digests | undefined;
  #held: Uint8Array[] = [];
  /** Where the first held byte stands, and the one after the last accepted. */
  #at = 0;
  #accepted = 0;
  #ended = false;
  #unfit = false;

  constructor(options: ReplyWriterOptions) {
    super();
    this.#options = options;
  }

  /** The bytes released. */
  override get floor(): number {
    return this.#options.reply.begun ? Math.max(1, this.#at) : 0;
  }

  override get abilities(): WriterAbilities {
    return ABILITIES;
  }

  /** Whether the client has all that it will get. */
  get answered(): boolean {
    return this.#ended;
  }

  /** Whether what came can't be used: a range of a file whose size nobody tells, or of another version. Nothing was sent. */
  get unfit(): boolean {
    return this.#unfit;
  }

  begin({digests}: SequenceStart): void {
    if (this.#options.digest !== undefined) digests.request(this.#options.digest.algorithm);
    this.#digests = digests;
  }

  /** @throws Cancelled when there is nothing to send: the client has its answer, or what came is unfit */
  override async open({length, reply: {range}}: WriterMeta): Promise<void> {
    const {reply, decide, headers} = this.#options;
    this.#answer = decide({headers: headers(), size: range === undefined ? length : range.total});
    const {start, end, bodiless} = this.#answer;
    this.#at = start;
    this.#accepted = range?.start ?? 0;
    if (!bodiless && range !== undefined && (end === undefined || start < range.start || end > range.start + (length ?? Infinity))) {
      this.#unfit = true;
      throw new Cancelled('the range is not the one that the client asked for');
    }
    if (!bodiless) return;
    this.#ended = true;
    reply.begin(this.#answer.status, this.#answer.headers);
    await reply.end();
    throw new Cancelled('the client needs no byte of it');
  }

  append(chunk: Uint8Array): void | Promise<void> {
    const {start, end = Infinity} = this.#answer as Answer;
    const from = Math.max(0, start - this.#accepted);
    const to = Math.min(chunk.byteLength, end - this.#accepted);
    if (from < to) this.#held.push(chunk.subarray(from, to));
    this.#accepted += chunk.byteLength;
    return this.#release(Math.min(end, releasable({accepted: this.#accepted, end, judged: this.#options.judged()})));
  }

  rewind(_offset: number, meta?: WriterMeta): void | Promise<void> {
    this.#held = [];
    return meta === undefined ? undefined : this.open(meta);
  }

  /** Releases the rest. @throws DigestMismatch; Cancelled when the client left */
  async close(): Promise<void> {
    const {digest, reply} = this.#options;
    if (digest !== undefined) demand(digest, (this.#digests as Digests).hex(digest.algorithm));
    const {end = this.#accepted, status, headers} = this.#answer as Answer;
    await this.#release(end);
    if (!reply.begun) reply.begin(status, headers);
    await reply.end();
    this.#ended = true;
  }

  override discard(): void {
    const {reply} = this.#options;
    if (reply.begun && !this.#ended) reply.reset();
  }

  async #drain(pending: readonly Promise<void>[]): Promise<void> {
    await Promise.all(pending);
  }

  #release(limit: number): void | Promise<void> {
    const {reply} = this.#options;
    const pending: Promise<void>[] = [];
    while (this.#at < limit && this.#held.length > 0) {
      const [first] = this.#held as [Uint8Array];
      const size = Math.min(first.byteLength, limit - this.#at);
      if (size === first.byteLength) this.#held.shift();
      else this.#held[0] = first.subarray(size);
      if (!reply.begun) reply.begin((this.#answer as Answer).status, (this.#answer as Answer).headers);
      this.#at += size;
      const written = reply.write(first.subarray(0, size));
      if (written !== undefined) pending.push(written);
    }
    return pending.length === 0 ? undefined : this.#drain(pending);
  }
}
