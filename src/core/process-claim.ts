import {createHash, randomUUID} from 'node:crypto';
import type {Clock} from './clock.js';
import type {Disk} from './disk.js';
import {WriterError} from './errors.js';
import {errorCode} from './foreign-error.js';
import {currentOwner, stateOf, type OwnerState, type ProcessOwner} from './process-owner.js';

/** What is claimed. */
export interface ClaimTerms {
  readonly disk: Disk;
  /** The file that stands for the claim. */
  readonly path: string;
  /** What is claimed, for the message: `the journal /srv/done.jsonl`. */
  readonly name: string;
  /** Whether a process still runs. */
  readonly stateOf?: ((owner: ProcessOwner) => OwnerState) | undefined;
}

/** How long one waits for a claim. */
export interface ClaimPatience {
  readonly clock: Clock;
  /** Ms after which it is given up. */
  readonly limit: number;
}

/**
 * A thing that one process at a time may have: a file with its owner stands for it. One whose owner ended without giving
 * it back is taken over by exactly one of those who want it: by the one that makes the ticket of that owner first.
 *
 * Faults of the disk are rejected as the Disk does; who claims a thing says of what.
 */
export class ProcessClaim {
  readonly #terms: ClaimTerms;
  readonly #text: string;

  private constructor(terms: ClaimTerms, text: string) {
    this.#terms = terms;
    this.#text = text;
  }

  /**
   * @param patience how long it is asked for again and again. @default not at all
   * @throws WriterError when a process that runs, or may run on another machine, has it
   */
  static async take(terms: ClaimTerms, patience?: ClaimPatience): Promise<ProcessClaim> {
    const end = (patience?.clock.now() ?? 0) + (patience?.limit ?? 0);
    for (let pause = SHORTEST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const taken = await ProcessClaim.tryTake(terms);
      if (taken instanceof ProcessClaim) return taken;
      if (patience === undefined || patience.clock.now() + pause > end) throw taken;
      await patience.clock.wait(pause);
    }
  }

  /** The claim, or why it can't be had now: the error says who has it. @throws WriterError when it can never be had */
  static async tryTake(terms: ClaimTerms): Promise<ProcessClaim | WriterError> {
    const {disk, path} = terms;
    const text = JSON.stringify({jupiter: 1, owner: currentOwner(), claim: randomUUID()});
    const own = `${path}.${randomUUID().slice(-12)}`;
    await write(disk, own, text);
    try {
      return await claim(terms, path, own) ?? new ProcessClaim(terms, text);
    } finally {
      await remove(disk, own);
    }
  }

  /** Gives it back. */
  async release(): Promise<void> {
    const {disk, path} = this.#terms;
    if (await read(disk, path) === this.#text) await remove(disk, path);
  }
}

/** More is no race between processes. */
const MOST_TRIES = 1000;
const SHORTEST_PAUSE = 1;
const LONGEST_PAUSE = 50;

/**
 * Links our file to the path; a dead owner's is replaced, by whoever holds the ticket that is named after it.
 *
 * @returns why it can't be had now; undefined: it is ours
 */
async function claim(terms: ClaimTerms, path: string, own: string): Promise<WriterError | undefined> {
  const {disk, name} = terms;
  for (let tries = 0; ; tries++) {
    if (tries === MOST_TRIES) throw new WriterError(`${name} can't be claimed: what is at ${path} can't be read, and stays`, path);
    try {
      await disk.link(own, path);
      return undefined;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const seen = await read(disk, path);
    if (seen === undefined) continue;
    const held = heldByLiving(terms, path, seen);
    if (held !== undefined) return held;
    const ticket = `${path}.${createHash('sha256').update(seen).digest('hex').slice(0, 16)}`;
    const race = await claim(terms, ticket, own);
    if (race !== undefined) return race;
    // Nobody but the holder of the ticket may replace what it is named after.
    if (await read(disk, path) === seen) {
      await disk.rename(ticket, path);
      return undefined;
    }
    await remove(disk, ticket);
  }
}

function heldByLiving({name, stateOf: state = stateOf}: ClaimTerms, path: string, seen: string): WriterError | undefined {
  const owner = ownerOf(seen);
  const now = owner === undefined ? 'dead' : state(owner);
  if (owner === undefined || now === 'dead') return undefined;
  const [host] = owner.host.split(' ');
  const far = `of ${host ?? 'another machine'}; if it has ended, remove ${path}`;
  const who = `process ${owner.pid}${now === 'alive' ? ', which runs' : ` ${far}`}`;
  return new WriterError(`${name} is in use by ${who}`, path);
}

/** Undefined for what no process of ours wrote to its end. */
function ownerOf(text: string): ProcessOwner | undefined {
  try {
    const {owner} = JSON.parse(text) as {owner?: Partial<ProcessOwner>};
    const whole = typeof owner?.host === 'string' && typeof owner.boot === 'string' && typeof owner.pid === 'number';
    return whole ? owner as ProcessOwner : undefined;
  } catch {
    return undefined;
  }
}

/** Not synced: whatever a power cut leaves of it, its owner is dead. */
async function write(disk: Disk, path: string, text: string): Promise<void> {
  const file = await disk.create(path, 0o600);
  try {
    try {
      await file.write([Buffer.from(text)]);
    } finally {
      await file.close();
    }
  } catch (error) {
    await disk.unlink(path).catch(() => undefined);
    throw error;
  }
}

async function read(disk: Disk, path: string): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of disk.read(path, 4096)) chunks.push(chunk);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  return Buffer.concat(chunks).toString();
}

async function remove(disk: Disk, path: string): Promise<void> {
  try {
    await disk.unlink(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
