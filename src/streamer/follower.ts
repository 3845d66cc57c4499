import {Interrupted} from '../core/errors.js';
import type {Answer, Representation} from './answer.js';
import type {ClientReply} from './client-reply.js';
import type {Entry} from './entry-book.js';
import {releasable} from './hold-back.js';
import type {OpenFile} from './open-file.js';
import type {PartWriter} from './part-writer.js';
import type {Reader, Transfer} from './transfer.js';

/** Bytes read at once for one client. */
const PIECE = 256 * 1024;

/** How a client is answered, once it is known what there is. */
export type Decide = (representation: Representation) => Answer;

/** One client that reads along with a transfer. */
export class Follower implements Reader {
  readonly #reply: ClientReply;
  readonly #decide: Decide;
  #released = 0;
  #answer: Answer | undefined;
  #at = 0;

  constructor(reply: ClientReply, decide: Decide) {
    this.#reply = reply;
    this.#decide = decide;
  }

  /** Counted before the bytes are read: what is on its way to a client can't be taken back. */
  get released(): number {
    return this.#released;
  }

  /**
   * Sends what may be released, until all is sent. @returns what the upstream confirmed instead of sending it
   *
   * @throws what the transfer failed with; Cancelled when the client left
   */
  async follow(transfer: Transfer): Promise<Entry | undefined> {
    for (;;) {
      this.#reply.gone.throwIfAborted();
      const {end, part} = transfer;
      if (end?.outcome === 'failed') throw end.error;
      if (end?.outcome === 'notModified') return end.entry;
      if (part?.representation !== undefined) {
        const limit = this.#limit(transfer, part, part.representation);
        if (limit === undefined) return this.#finish();
        if (this.#at < limit) {
          await this.#send(part.file as OpenFile, limit);
          continue;
        }
        if (end !== undefined) return this.#finish();
      }
      await transfer.news(this.#reply.gone);
    }
  }

  /** Waits for the end, for a body that is sent only when it is whole. @returns as `follow` @throws as `follow` */
  async wait(transfer: Transfer): Promise<Entry | undefined> {
    while (transfer.end === undefined && !this.#reply.gone.aborted) await transfer.news(this.#reply.gone);
    this.#reply.gone.throwIfAborted();
    if (transfer.end?.outcome === 'failed') throw transfer.end.error;
    return transfer.end?.outcome === 'notModified' ? transfer.end.entry : undefined;
  }

  /** The first byte that the client may not have yet; undefined: none follow. The head is written with the first byte. */
  #limit({end, judged}: Transfer, part: PartWriter, {headers, size}: Representation): number | undefined {
    const over = end !== undefined;
    const answer = this.#answer ?? this.#decide({headers, size: over ? part.accepted : size});
    const stop = answer.end ?? (over ? part.accepted : Infinity);
    const {accepted, doubtful} = part;
    const limit = over ? stop : doubtful ? 0 : Math.min(stop, releasable({accepted, end: stop, judged}));
    if (this.#answer === undefined && (over || answer.bodiless || limit > answer.start)) {
      this.#answer = answer;
      this.#at = answer.start;
      this.#reply.begin(answer.status, answer.headers);
    }
    return this.#answer?.bodiless === true ? undefined : this.#answer === undefined ? 0 : limit;
  }

  async #send(file: OpenFile, limit: number): Promise<void> {
    const size = Math.min(limit - this.#at, PIECE);
    this.#released = this.#at + size;
    const chunk = await file.read(this.#at, size);
    if (chunk.byteLength === 0) throw new Interrupted(`the part ends at byte ${this.#at}`, limit, this.#at);
    this.#at += chunk.byteLength;
    const written = this.#reply.write(chunk);
    if (written !== undefined) await written;
  }

  async #finish(): Promise<undefined> {
    await this.#reply.end();
    return undefined;
  }
}
