import type {Published, Writer, WriterAbilities, WriterMeta, WriterPlan, WriterStart} from '../core/contract.js';
import type {DownloadError} from '../core/errors.js';

/** How a RecordingWriter behaves. */
export interface RecordingWriterOptions {
  /** @default true */
  rewindable?: boolean | undefined;
  /** Whether it says that a later run may go on with what it keeps. @default false */
  resumable?: boolean | undefined;
  /** What `prepare` answers. */
  plan?: WriterPlan | undefined;
  /** Bytes that are there already, for `read`; `open` keeps as many of them as it is told (`meta.offset`). */
  existing?: Uint8Array | undefined;
  /** What `close` answers. */
  published?: Published | undefined;
  /** Called with each chunk and its number, from 1, before it is recorded as accepted: throw to refuse, return a promise to delay. */
  append?: ((chunk: Uint8Array, nth: number) => void | Promise<void>) | undefined;
  /** Called first in any other method, with its name: throw to fail it, return a promise to delay. */
  before?: ((call: 'prepare' | 'open' | 'rewind' | 'close' | 'discard') => void | Promise<void>) | undefined;
}

/** Keeps the bytes and writes down what it was asked: `prepare`, `open 5`, `append 5`, `rewind 0`, `close`, `discard CODE`. */
export class RecordingWriter implements Writer {
  readonly abilities: WriterAbilities;
  /** Every call, in order. */
  readonly calls: string[] = [];
  /** What `prepare` was told. */
  start: WriterStart | undefined;
  /** What the latest `open` or `rewind` was told. */
  meta: WriterMeta | undefined;
  /** Whether the latest `discard` said that the bytes are good as far as they go. */
  kept = false;
  /** Absent in a writer that can't rewind. */
  readonly rewind?: (offset: number, meta?: WriterMeta) => Promise<void>;
  readonly #options: RecordingWriterOptions;
  #bytes: Buffer;
  #appended = 0;

  constructor(options: RecordingWriterOptions = {}) {
    const rewindable = options.rewindable ?? true;
    this.#options = options;
    this.#bytes = Buffer.from(options.existing ?? []);
    this.abilities = {rewind: rewindable, resume: options.resumable ?? false, positional: false, read: true};
    if (rewindable) this.rewind = (offset, meta) => this.#rewind(offset, meta);
  }

  get floor(): number {
    return this.abilities.rewind ? 0 : this.#bytes.length;
  }

  /** The bytes accepted and not rewound. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  get text(): string {
    return this.#bytes.toString();
  }

  /** The calls, with neighbouring appends joined into one. */
  get story(): string[] {
    const story: string[] = [];
    for (const call of this.calls) {
      const last = story.at(-1);
      if (call.startsWith('append ') && last?.startsWith('append ') === true) {
        story[story.length - 1] = `append ${Number(last.slice(7)) + Number(call.slice(7))}`;
      } else {
        story.push(call);
      }
    }
    return story;
  }

  async prepare(start: WriterStart): Promise<WriterPlan | undefined> {
    this.calls.push('prepare');
    this.start = start;
    await this.#options.before?.('prepare');
    return this.#options.plan;
  }

  async open(meta: WriterMeta): Promise<void> {
    this.calls.push(`open ${meta.length ?? '?'}`);
    this.meta = meta;
    this.#bytes = this.#bytes.subarray(0, meta.offset);
    await this.#options.before?.('open');
  }

  async append(chunk: Uint8Array): Promise<void> {
    this.calls.push(`append ${chunk.byteLength}`);
    const copy = Buffer.from(chunk);
    await this.#options.append?.(chunk, ++this.#appended);
    this.#bytes = Buffer.concat([this.#bytes, copy]);
  }

  async #rewind(offset: number, meta?: WriterMeta): Promise<void> {
    this.calls.push(`rewind ${offset}`);
    if (meta !== undefined) this.meta = meta;
    await this.#options.before?.('rewind');
    this.#bytes = this.#bytes.subarray(0, offset);
  }

  async *read(): AsyncIterable<Uint8Array> {
    await Promise.resolve();
    if (this.#bytes.length > 0) yield this.#bytes;
  }

  async close(): Promise<Published> {
    this.calls.push('close');
    await this.#options.before?.('close');
    return this.#options.published ?? {};
  }

  async discard(end: {readonly error: DownloadError; readonly keep?: boolean | undefined}): Promise<void> {
    this.calls.push(`discard ${end.error.code}`);
    this.kept = end.keep === true;
    await this.#options.before?.('discard');
  }
}
