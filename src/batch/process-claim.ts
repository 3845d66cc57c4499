import {createHash, randomUUID} from 'node:crypto';
import type {Disk} from '../core/disk.js';
import {WriterError} from '../core/errors.js';
import {currentOwner, stateOf, type OwnerState, type ProcessOwner} from '../core/process-owner.js';
import {diskFault, systemCode} from '../writer/disk-fault.js';
import {writeNew} from '../writer/small-file.js';

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

/**
 * A thing that one process at a time may have: a file with its owner stands for it. One whose owner ended without giving
 * it back is taken over by exactly one of those who want it: by the one that makes the ticket of that owner first.
 */
export class ProcessClaim {
  readonly #terms: ClaimTerms;
  readonly #text: string;

  private constructor(terms: ClaimTerms, text: string) {
    this.#terms = terms;
    this.#text = text;
  }

  /** @throws WriterError when a process that runs, or may run on another machine, has it */
  static async take(terms: ClaimTerms): Promise<ProcessClaim> {
    const {disk, path} = terms;
    const text = JSON.stringify({jupiter: 1, owner: currentOwner(), claim: randomUUID()});
    const own = `${path}.${randomUUID().slice(-12)}`;
    await writeNew(disk, own, text, 0o600);
    try {
      await claim(terms, path, own);
    } catch (error) {
      throw diskFault(error, 'claim', path);
    } finally {
      await remove(disk, own);
    }
    return new ProcessClaim(terms, text);
  }

  /** Gives it back. @throws WriterError */
  async release(): Promise<void> {
    const {disk, path} = this.#terms;
    if (await read(disk, path) === this.#text) await remove(disk, path);
  }
}

/** More is no race between processes. */
const MOST_TRIES = 1000;

/** Links our file to the path; a dead owner's is replaced, by whoever holds the ticket that is named after it. */
async function claim(terms: ClaimTerms, path: string, own: string): Promise<void> {
  const {disk, name} = terms;
  for (let tries = 0; ; tries++) {
    if (tries === MOST_TRIES) throw new WriterError(`${name} can't be claimed: what is at ${path} can't be read, and stays`, path);
    try {
      await disk.link(own, path);
      return;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
    const seen = await read(disk, path);
    if (seen === undefined) continue;
    refuseLiving(terms, path, seen);
    const ticket = `${path}.${createHash('sha256').update(seen).digest('hex').slice(0, 16)}`;
    await claim(terms, ticket, own);
    // Nobody but the holder of the ticket may replace what it is named after.
    if (await read(disk, path) === seen) {
      await disk.rename(ticket, path);
      return;
    }
    await remove(disk, ticket);
  }
}

function refuseLiving({name, stateOf: state = stateOf}: ClaimTerms, path: string, seen: string): void {
  const owner = ownerOf(seen);
  const now = owner === undefined ? 'dead' : state(owner);
  if (owner === undefined || now === 'dead') return;
  const [host] = owner.host.split(' ');
  const far = `of ${host ?? 'another machine'}; if it has ended, remove ${path}`;
  const who = `process ${owner.pid}${now === 'alive' ? ', which runs' : ` ${far}`}`;
  throw new WriterError(`${name} is in use by ${who}`, path);
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

async function read(disk: Disk, path: string): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of disk.read(path, 4096)) chunks.push(chunk);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw diskFault(error, 'read', path);
  }
  return Buffer.concat(chunks).toString();
}

async function remove(disk: Disk, path: string): Promise<void> {
  try {
    await disk.unlink(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw diskFault(error, 'remove', path);
  }
}
