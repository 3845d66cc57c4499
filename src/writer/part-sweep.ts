import {join, resolve} from 'node:path';
import {SystemClock, type Clock} from '../core/clock.js';
import {SystemDisk, type Disk, type DiskEntry} from '../core/disk.js';
import type {DownloadError} from '../core/errors.js';
import {misuse, onlyKeys, outOfRange} from '../core/options.js';
import {stateOf, type ProcessOwner} from '../core/process-owner.js';
import {diskFault, onDisk, systemCode} from './disk-fault.js';
import {LONGEST_JOURNAL} from './journal.js';
import {isPartName} from './part-file.js';

/** How a folder is swept. */
export interface SweepOptions {
  /** Milliseconds since the last write; an hour at least, for a slow download may write that seldom. @default 24 hours */
  olderThan?: number | undefined;
  /** @default the machine's */
  disk?: Disk | undefined;
  /** @default the machine's */
  clock?: Clock | undefined;
}

/** What a sweep came to. */
export interface Sweep {
  /** The absolute paths of what is gone. */
  readonly removed: readonly string[];
  /** Why some of what is stale is still there. */
  readonly faults: readonly DownloadError[];
}

const HOUR = 3_600_000;
/** A journal, or the temporary one that is about to become one. */
const JOURNAL = /^\.[0-9a-f]{64}\.jupiter(?:\.[0-9a-f]{12})?$/;

/**
 * Removes what a killed process left in a folder: parts and journals, never what is in folders below. The name alone
 * decides nothing: it must be a regular file, belong to this user, and have been written longer ago than `olderThan`; and
 * no journal may say that a process which still runs has it. Where files have no owner nothing is removed. A partial
 * download that was kept to be continued goes too when it is that old.
 *
 * @throws TypeError, RangeError naming the option; WriterError when the folder can't be listed
 */
export async function sweepParts(folder: string, options: SweepOptions = {}): Promise<Sweep> {
  onlyKeys('sweepParts', options, ['olderThan', 'disk', 'clock']);
  if (typeof folder !== 'string' || folder === '' || folder.includes('\0')) throw misuse('folder', folder, 'a path');
  const {disk = new SystemDisk(), clock = new SystemClock()} = options;
  if (typeof disk?.listFolder !== 'function') throw misuse('disk', disk, 'a Disk that can list folders');
  const latest = clock.time() - ageOf(options.olderThan);
  const root = resolve(folder);
  const names = (await onDisk(disk.listFolder(root), 'list', root)).sort();
  const broom = new Broom(disk, root, latest);
  // The journals first: they say which parts are in use.
  for (const name of names) if (JOURNAL.test(name)) await broom.sweep(name, (path, entry) => broom.isInUse(path, entry));
  for (const name of names) if (isPartName(name)) await broom.sweep(name, async () => broom.held.has(name));
  return {removed: broom.removed, faults: broom.faults};
}

class Broom implements Sweep {
  readonly removed: string[] = [];
  readonly faults: DownloadError[] = [];
  /** Names of parts that a journal keeps. */
  readonly held = new Set<string>();
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #latest: number;
  readonly #owner = process.geteuid?.();

  constructor(disk: Disk, folder: string, latest: number) {
    this.#disk = disk;
    this.#folder = folder;
    this.#latest = latest;
  }

  async sweep(name: string, isInUse: (path: string, entry: DiskEntry) => Promise<boolean>): Promise<void> {
    const path = join(this.#folder, name);
    try {
      const entry = await this.#disk.stat(path);
      if (entry?.kind !== 'file' || this.#owner === undefined || entry.owner !== this.#owner) return;
      if (await isInUse(path, entry) || !this.#isStale(entry)) return;
      await this.#disk.unlink(path);
      this.removed.push(path);
    } catch (error) {
      // Another sweep, or the download itself, was faster.
      if (systemCode(error) !== 'ENOENT') this.faults.push(diskFault(error, 'remove', path));
    }
  }

  /** Reads a journal; a fresh one, and one of a process that still runs, keeps its part. */
  async isInUse(path: string, entry: DiskEntry): Promise<boolean> {
    const {part, owner} = entry.size > LONGEST_JOURNAL ? {} : parse(await this.#text(path));
    const alive = typeof owner === 'object' && owner !== null && stateOf(owner as ProcessOwner) === 'alive';
    if (typeof part === 'string' && (alive || !this.#isStale(entry))) this.held.add(part);
    return alive;
  }

  #isStale({modified}: DiskEntry): boolean {
    return modified < this.#latest;
  }

  async #text(path: string): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#disk.read(path)) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }
}

function parse(text: string): {readonly part?: unknown; readonly owner?: unknown} {
  try {
    return (JSON.parse(text) ?? {}) as {part?: unknown; owner?: unknown};
  } catch {
    return {};
  }
}

function ageOf(olderThan: number | undefined): number {
  if (olderThan === undefined) return 24 * HOUR;
  if (typeof olderThan !== 'number' || Number.isNaN(olderThan)) throw misuse('olderThan', olderThan, 'milliseconds');
  if (olderThan < HOUR) throw outOfRange('olderThan', olderThan, `at least an hour (${HOUR} ms)`);
  return olderThan;
}
