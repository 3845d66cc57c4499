import {createHash} from 'node:crypto';
import {resolve} from 'node:path';
import {addressId} from '../core/address-id.js';
import type {DownloadView} from '../core/contract.js';
import type {NamedDigest} from '../core/digest.js';
import {SystemDisk, type Disk} from '../core/disk.js';
import {Event, type Registry, type SucceededEvent} from '../core/event.js';
import {misuse, onlyKeys} from '../core/options.js';
import {ProcessClaim} from '../core/process-claim.js';
import type {OwnerState, ProcessOwner} from '../core/process-owner.js';
import {diskFault, onDisk} from '../writer/disk-fault.js';
import {DigestTable, KEY_BYTES} from './digest-table.js';
import {LineLog} from './line-log.js';

/** What makes an item of a batch the same one in the next run. */
export interface JournalItem {
  /** What only signs it doesn't count (`addressId`), and none of it is kept. */
  readonly url: string;
  /** The path of the file. */
  readonly path: string;
  /** The digests that it must have. */
  readonly digests?: readonly NamedDigest[] | undefined;
}

/** What became of an item; `failed` ones are done again. */
export type ItemOutcome = SucceededEvent['outcome'] | 'failed';

/** How a journal is opened. */
export interface BatchJournalOptions {
  /** @default the machine's */
  disk?: Disk | undefined;
  /** Whether a process still runs. @default asks the system */
  stateOf?: ((owner: ProcessOwner) => OwnerState) | undefined;
}

const HEADER = JSON.stringify({jupiter: 1, kind: 'batch-journal'});
/** No line of ours is as long. */
const LONGEST_LINE = 4096;
const LINE_END = 0x0a;
const NOT_DONE = -1;

/**
 * What a batch has done, so that one that was killed does the rest: an append-only file of JSON lines, one for each item
 * that ended, on the medium before the download counts as over. Items are kept as 128-bit digests, about 32 bytes each.
 * What was broken off in the middle of a line is overwritten. One process at a time may have it.
 */
export class BatchJournal {
  readonly path: string;
  readonly #disk: Disk;
  readonly #claim: ProcessClaim;
  readonly #done: DigestTable;
  readonly #log: LineLog;
  #closing: Promise<void> | undefined;

  private constructor(path: string, {disk, claim, done, log}: {disk: Disk; claim: ProcessClaim; done: DigestTable; log: LineLog}) {
    this.path = path;
    this.#disk = disk;
    this.#claim = claim;
    this.#done = done;
    this.#log = log;
  }

  /**
   * Opens a journal, or begins one.
   *
   * @throws WriterError when it can't be read or written, or another process has it; TypeError when the file is something else
   */
  static async open(path: string, options: BatchJournalOptions = {}): Promise<BatchJournal> {
    onlyKeys('journal', options, ['disk', 'stateOf']);
    if (typeof path !== 'string' || path === '') throw misuse('journal', path, 'the path of a file');
    const {disk = new SystemDisk(), stateOf} = options;
    const absolute = resolve(path);
    const lock = `${absolute}.lock`;
    const claim = await onDisk(ProcessClaim.take({disk, path: lock, name: `the journal ${absolute}`, stateOf}), 'claim', lock);
    try {
      const {done, size} = await load(disk, absolute);
      const log = await LineLog.open(disk, absolute, size);
      if (size === 0) await log.append(HEADER);
      return new BatchJournal(absolute, {disk, claim, done, log});
    } catch (error) {
      await claim.release();
      throw error;
    }
  }

  /** How many items it knows. */
  get size(): number {
    return this.#done.size;
  }

  /** Whether an item was done by an earlier run, or this one, and its file is still there with the size that it had then. */
  async isDone(item: JournalItem): Promise<boolean> {
    const size = this.#done.get(keyOf(item));
    if (size === undefined || size === NOT_DONE) return false;
    const there = await onDisk(this.#disk.stat(resolve(item.path)), 'look at', item.path);
    return there?.kind === 'file' && there.size === size;
  }

  /** Records how a download ends, as an observer: the download is over when the record is on the medium. A cancel is no end. */
  follow(download: DownloadView & Registry, item: JournalItem): void {
    const observe = {observe: true};
    download.register(Event.SUCCEEDED, ({outcome, facts}) => this.record(item, outcome, facts.size), observe);
    download.register(Event.FAILED, ({error}) => error.class === 'cancelled' ? undefined : this.record(item, 'failed'), observe);
  }

  /** Records what became of an item. Resolves when that is on the medium. @throws WriterError */
  async record(item: JournalItem, outcome: ItemOutcome, size?: number): Promise<void> {
    const key = keyOf(item);
    const value = outcome === 'failed' || size === undefined ? NOT_DONE : size;
    await this.#log.append(JSON.stringify({id: key.toString('hex'), outcome, ...value === NOT_DONE ? {} : {size: value}}));
    this.#done.set(key, value);
  }

  /** Waits for what is being written, and lets others have it. Idempotent. @throws WriterError when a record could not be written */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    try {
      await this.#log.close();
    } finally {
      await onDisk(this.#claim.release(), 'give back', this.path);
    }
  }
}

/** Which item it is, as 128 bits of a digest. */
function keyOf({url, path, digests = []}: JournalItem): Buffer {
  const wanted = digests.map(({algorithm, hex}) => `${algorithm}:${hex}`).sort();
  return createHash('sha256').update(JSON.stringify([addressId(url), resolve(path), wanted])).digest().subarray(0, KEY_BYTES);
}

/** What earlier runs did. `size`: where the last whole line ends. */
async function load(disk: Disk, path: string): Promise<{done: DigestTable; size: number}> {
  const done = new DigestTable();
  const there = await onDisk(disk.stat(path), 'look at', path);
  if (there === undefined) return {done, size: 0};
  const refuse = (): never => { throw misuse('journal', path, 'the journal of a batch, or no file yet'); };
  if (there.kind !== 'file') refuse();
  let rest: Uint8Array = new Uint8Array();
  let size = 0;
  const take = (line: Uint8Array): void => {
    if (size === 0 && Buffer.from(line).toString() !== HEADER) refuse();
    if (size > 0) note(done, Buffer.from(line).toString());
    size += line.byteLength + 1;
  };
  try {
    for await (const chunk of disk.read(path)) {
      let from = 0;
      for (let at = chunk.indexOf(LINE_END); at >= 0; at = chunk.indexOf(LINE_END, from)) {
        take(rest.byteLength === 0 ? chunk.subarray(from, at) : Buffer.concat([rest, chunk.subarray(from, at)]));
        rest = new Uint8Array();
        from = at + 1;
      }
      rest = Buffer.concat([rest, chunk.subarray(from)]);
      if (rest.byteLength <= LONGEST_LINE) continue;
      if (size === 0) refuse();
      // After a power cut, what was not synced may be anything.
      break;
    }
  } catch (error) {
    throw error instanceof TypeError ? error : diskFault(error, 'read', path);
  }
  // A power cut may leave the room of what was not synced, full of zeros.
  if (size === 0 && !HEADER.startsWith(Buffer.from(rest).toString().replace(/\0+$/, ''))) refuse();
  return {done, size};
}

/** A line that can't be read says nothing: the item is done again. */
function note(done: DigestTable, line: string): void {
  const [, id = '', outcome, size] = /^\{"id":"([0-9a-f]{32})","outcome":"(\w+)"(?:,"size":(\d+))?\}$/.exec(line) ?? [];
  if (id === '') return;
  done.set(Buffer.from(id, 'hex'), outcome === 'failed' || size === undefined ? NOT_DONE : Number(size));
}
