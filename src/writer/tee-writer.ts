import type {Published, Writer, WriterAbilities, WriterMeta, WriterPlan, WriterStart} from '../core/contract.js';
import {Cancelled, DownloadError, WriterError} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import {misuse, oneOf, onlyKeys} from '../core/options.js';
import {BaseWriter} from './base-writer.js';

/** How a TeeWriter is made. */
export interface TeeWriterOptions {
  /** `optional`: when the secondary fails it is dropped, and the fault becomes a warning. @default 'required' */
  secondary?: 'required' | 'optional' | undefined;
}

/**
 * Gives the same bytes to two writers: a file and the client that asked for it, say. It can do what both can do, and
 * goes back no further than either; the slower one sets the pace. The primary publishes first, so a required secondary
 * that fails in `close` fails the download although what the primary published is in place; the error says so.
 *
 * Existing content: a side that answers `keep` stays as it is and gets no bytes; the download is spared only if all
 * answer so. `same` would prove one side only, so then both are written.
 */
export class TeeWriter extends BaseWriter {
  /** The faults of an optional secondary, and the warnings of both. */
  readonly #faults: DownloadError[] = [];
  readonly #primary: Writer;
  readonly #secondary: Writer;
  readonly #optional: boolean;
  /** Those that take bytes, the primary first. */
  #sides: readonly Writer[];
  /** What the primary published, as messages name it. */
  #inPlace: {readonly name: string; readonly path: string | undefined} | undefined;
  #end: DownloadError | undefined;

  /** @throws TypeError naming the option */
  constructor(primary: Writer, secondary: Writer, options: TeeWriterOptions = {}) {
    super();
    onlyKeys('TeeWriter', options, ['secondary']);
    for (const [name, writer] of Object.entries({primary, secondary})) {
      if (typeof (writer as Partial<Writer> | undefined)?.append !== 'function') throw misuse(name, writer, 'a Writer');
    }
    if (primary === secondary) throw misuse('secondary', secondary, 'another Writer than the primary');
    this.#primary = primary;
    this.#secondary = secondary;
    this.#optional = oneOf('secondary', options.secondary, ['required', 'optional'], 'required') === 'optional';
    this.#sides = [primary, secondary];
  }

  override get floor(): number {
    return Math.max(0, ...this.#sides.map(({floor}) => floor));
  }

  /** `resume` and `positional` are never told: two writers would have to agree on what they hold. */
  override get abilities(): WriterAbilities {
    const all = (can: (writer: Writer) => boolean): boolean => this.#sides.every(can);
    return {
      rewind: all((side) => side.abilities.rewind && side.rewind !== undefined), resume: false, positional: false,
      read: all((side) => side.abilities.read && side.read !== undefined),
    };
  }

  get warnings(): readonly DownloadError[] {
    return [...this.#faults, ...this.#primary.warnings ?? [], ...this.#secondary.warnings ?? []];
  }

  async prepare(start: WriterStart): Promise<WriterPlan | undefined> {
    const plan = await this.#primary.prepare?.(start);
    const kept: Writer[] = plan?.existing === 'keep' ? [this.#primary] : [];
    await this.#guard(this.#secondary, async () => {
      if ((await this.#secondary.prepare?.(start))?.existing === 'keep') kept.push(this.#secondary);
    });
    const sides = this.#sides.filter((side) => !kept.includes(side));
    if (sides.length === 0) return plan ?? undefined;
    this.#sides = sides;
    return undefined;
  }

  override async open(meta: WriterMeta): Promise<void> {
    for (const side of this.#sides) await this.#guard(side, () => side.open(meta));
  }

  append(chunk: Uint8Array): void | Promise<void> {
    const pending = this.#sides.map((side) => this.#guard(side, () => side.append(chunk))).filter((work) => work !== undefined);
    return pending.length === 0 ? undefined : allDone(pending);
  }

  /** @throws TypeError when a side can't go back */
  async rewind(offset: number): Promise<void> {
    for (const side of this.#sides) {
      if (side.rewind === undefined) throw new TypeError(`rewind: expected writers that can go back, got ${side.constructor.name}`);
      await this.#guard(side, () => side.rewind?.(offset));
    }
  }

  /** The bytes of the first side that takes them, or of the primary when both keep what they have. */
  read(): AsyncIterable<Uint8Array> {
    const side = this.#sides[0] ?? this.#primary;
    if (side.read === undefined) throw new TypeError(`read: expected a writer that can be read, got ${side.constructor.name}`);
    return side.read();
  }

  /**
   * Publishes the primary, then the secondary.
   *
   * @returns what the first side that took bytes published
   * @throws WriterError, or Cancelled, that says so when the primary is in place already
   */
  async close(): Promise<Published | undefined> {
    const published: (Published | undefined)[] = [];
    for (const side of this.#sides) {
      if (this.#inPlace !== undefined && this.#end !== undefined) throw this.#afterPrimary(this.#end);
      try {
        await this.#guard(side, async () => { published.push(await side.close() ?? undefined); });
      } catch (fault) {
        throw this.#inPlace === undefined ? fault : this.#afterPrimary(fault);
      }
      if (side === this.#primary) this.#inPlace = {name: published[0]?.path ?? 'what the primary wrote', path: published[0]?.path};
    }
    return published[0];
  }

  /** Discards both, whatever one of them throws. */
  override async discard(end: {readonly error: DownloadError}): Promise<void> {
    this.#end = end.error;
    await allDone([this.#primary, this.#secondary].map(async (side) => { await side.discard(end); }));
  }

  /** What is thrown when the primary can't be taken back any more; a cancel stays one. */
  #afterPrimary(fault: unknown): DownloadError {
    const {name = '', path} = this.#inPlace ?? {};
    const message = `${name} is in place (the primary), but the secondary is not: ${messageOf(fault)}`;
    return fault instanceof Cancelled ? new Cancelled(message, {cause: fault}) : new WriterError(message, path, {cause: fault});
  }

  /** Does something with one side; a fault of an optional secondary drops it. */
  #guard(side: Writer, work: () => void | Promise<void>): void | Promise<void> {
    if (side !== this.#secondary || !this.#optional) return attempt(work);
    try {
      return work()?.catch((fault: unknown) => this.#drop(fault));
    } catch (fault) {
      return this.#drop(fault);
    }
  }

  async #drop(fault: unknown): Promise<void> {
    if (!this.#sides.includes(this.#secondary)) return;
    const error = asDownloadError(fault);
    this.#sides = this.#sides.filter((side) => side !== this.#secondary);
    this.#faults.push(error);
    try {
      await this.#secondary.discard({error});
    } catch (late) {
      this.#faults.push(asDownloadError(late));
    }
  }
}

/** A synchronous throw as a rejection, so that the other side gets the chunk too and nothing is left unhandled. */
function attempt(work: () => void | Promise<void>): void | Promise<void> {
  try {
    return work();
  } catch (fault) {
    return Promise.reject(asDownloadError(fault));
  }
}

/** Waits for all, then rejects with the first fault. */
async function allDone(pending: readonly Promise<void>[]): Promise<void> {
  for (const end of await Promise.allSettled(pending)) if (end.status === 'rejected') throw end.reason;
}

function asDownloadError(fault: unknown): DownloadError {
  return fault instanceof DownloadError ? fault : new WriterError(`a writer failed: ${messageOf(fault)}`, undefined, {cause: fault});
}
