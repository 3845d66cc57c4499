import {createHash, randomUUID} from 'node:crypto';
import {basename, dirname, join} from 'node:path';
import type {ResumeKey} from '../core/contract.js';
import type {Disk} from '../core/disk.js';
import {stateOf, type OwnerState, type ProcessOwner} from '../core/process-owner.js';
import {diskFault, onDisk, systemCode} from './disk-fault.js';
import {isPartName} from './part-file.js';
import {replaceFile} from './small-file.js';
import {PieceList, type PieceRecord} from './piece-list.js';

/** What a journal says of a part. On disk it is JSON with `jupiter`, the version of this format, first. */
export interface JournalEntry {
  /** The address asked for first, secrets redacted. */
  readonly url: string;
  readonly key: ResumeKey;
  /** So many bytes of the part are on the medium, from the first one on. */
  readonly offset: number;
  /** Their sha256, lower-case hex; absent when pieces tell it. */
  readonly prefix?: string | undefined;
  /** For a body that comes in pieces: those that are on the medium, wherever they stand. */
  readonly pieces?: PieceRecord | undefined;
  /** The name of the part, in the same folder. */
  readonly part: string;
  /** Who writes the part; absent when nobody does any more. */
  readonly owner?: ProcessOwner | undefined;
}

/** A journal that was claimed: nobody else has it now. */
export interface Claim {
  readonly entry: JournalEntry;
  /** The part's path. */
  readonly part: string;
  /** Where the claimed journal is. */
  readonly own: string;
  /** Whether its writer is surely gone; else the bytes must be copied before any are added. */
  readonly abandoned: boolean;
}

const FORMAT = 1;
/** Bytes; more is no journal of ours. */
export const LONGEST_JOURNAL = 8 * 1024 * 1024;

/**
 * The journal of one target and address, beside the part, under a name that both decide: finding it lists no folder. It
 * is written by temp, sync and rename, after the part's bytes were synced. Renaming it is the claim.
 */
export class Journal {
  readonly path: string;
  readonly #disk: Disk;
  readonly #stateOf: (owner: ProcessOwner) => OwnerState;

  constructor(disk: Disk, target: string, address: string, state = stateOf) {
    this.#disk = disk;
    this.#stateOf = state;
    const name = createHash('sha256').update(`${basename(target)}\n${address}`).digest('hex');
    this.path = join(dirname(target), `.${name}.jupiter`);
  }

  /**
   * Takes what an earlier run left. `busy`: a process that runs has it, and this run must leave no journal. Undefined:
   * there is nothing that can be used. What can't be trusted is removed.
   *
   * @throws WriterError
   */
  async claim(): Promise<Claim | 'busy' | undefined> {
    const seen = await this.#read(this.path);
    if (seen === undefined) {
      await this.#removeUnreadable();
      return undefined;
    }
    if (this.#ownerOf(seen) === 'alive') return 'busy';
    const mine = this.#temporary();
    try {
      await this.#disk.rename(this.path, mine);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return 'busy';
      throw diskFault(error, 'claim', this.path);
    }
    // Between the look and the claim another process may have claimed it and written its own.
    const entry = await this.#read(mine);
    const state = entry === undefined ? 'dead' : this.#ownerOf(entry);
    const usable = entry !== undefined && state !== 'alive' && await this.#isUsable(entry);
    if (!usable) {
      await this.#unlink(mine);
      return state === 'alive' ? 'busy' : undefined;
    }
    return {entry, own: mine, part: join(dirname(this.path), entry.part), abandoned: state === 'dead'};
  }

  /** A claim was made use of: its journal is not needed any more. @throws WriterError */
  async settle({own}: Claim): Promise<void> {
    await this.#unlink(own);
  }

  /** A claim came to nothing: the journal is put back as it was. @throws WriterError */
  async giveBack({own}: Claim): Promise<void> {
    await onDisk(this.#disk.rename(own, this.path), 'put back', this.path);
  }

  /** Replaces the journal. @throws WriterError */
  write(entry: JournalEntry): Promise<void> {
    return replaceFile(this.#disk, this.path, `${JSON.stringify({jupiter: FORMAT, ...entry})}\n`, 0o600);
  }

  /** The part that the journal names now. */
  async part(): Promise<string | undefined> {
    return (await this.#read(this.path))?.part;
  }

  /** Takes it away, unless it is another's by now. @throws WriterError */
  async remove(part: string): Promise<void> {
    if (await this.part() === part) await this.#unlink(this.path);
  }

  /** Nobody else's file has this name; what can't be read there is of no use to anybody. */
  async #removeUnreadable(): Promise<void> {
    const there = await onDisk(this.#disk.stat(this.path), 'look at', this.path);
    if (there?.kind === 'file' && isOurs(there.owner)) await this.#unlink(this.path);
  }

  #ownerOf({owner}: JournalEntry): OwnerState {
    return owner === undefined ? 'dead' : this.#stateOf(owner);
  }

  async #isUsable({part, offset, key, pieces}: JournalEntry): Promise<boolean> {
    const size = PieceList.from(pieces, key.total)?.end ?? offset;
    const path = join(dirname(this.path), part);
    const there = await onDisk(this.#disk.stat(path), 'look at', path);
    return there?.kind === 'file' && there.size >= size && isOurs(there.owner);
  }

  async #read(path: string): Promise<JournalEntry | undefined> {
    const there = await onDisk(this.#disk.stat(path), 'look at', path);
    if (there?.kind !== 'file' || there.size > LONGEST_JOURNAL || !isOurs(there.owner)) return undefined;
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of this.#disk.read(path)) chunks.push(chunk);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw diskFault(error, 'read', path);
    }
    return parseEntry(Buffer.concat(chunks).toString('utf8'));
  }

  async #unlink(path: string): Promise<void> {
    try {
      await this.#disk.unlink(path);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw diskFault(error, 'remove', path);
    }
  }

  #temporary(): string {
    return `${this.path}.${randomUUID().slice(-12)}`;
  }
}

/** In a folder that others may write to, only what we wrote is believed. */
function isOurs(owner: number | undefined): boolean {
  return owner === undefined || owner === process.geteuid?.();
}

/** Undefined for anything that this version did not write. */
function parseEntry(text: string): JournalEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const entry = value as Partial<JournalEntry> & {jupiter?: unknown} | null;
  const {key, offset, prefix, part, pieces, owner} = entry ?? {};
  if (entry?.jupiter !== FORMAT || !isKey(key) || !(owner === undefined || isOwner(owner))) return undefined;
  const known = pieces === undefined ? undefined : PieceList.from(pieces, key.total);
  const far = pieces === undefined ? Number.isSafeInteger(offset) && (offset as number) > 0 && /^[0-9a-f]{64}$/.test(String(prefix))
    : known !== undefined && known.size > 0 && offset === known.prefix;
  return far && typeof part === 'string' && isPartName(part) ? entry as JournalEntry : undefined;
}

/** Only what a header may hold: the key goes into the next request. */
function isKey(value: unknown): value is ResumeKey {
  const {etag, lastModified, tag, hop, total} = (value ?? {}) as Partial<Record<keyof ResumeKey, unknown>>;
  const texts = [etag, lastModified, tag].every((text) => text === undefined || (typeof text === 'string' && /^[\x20-\x7e\x80-\xff]*$/.test(text)));
  return texts && typeof hop === 'string' && (total === undefined || (Number.isSafeInteger(total) && (total as number) >= 0));
}

function isOwner(value: unknown): boolean {
  const {host, boot, space, pid, started} = (value ?? {}) as Record<string, unknown>;
  return Number.isSafeInteger(pid) && [host, boot, space, started].every((text) => typeof text === 'string');
}
