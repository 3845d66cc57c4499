import {randomUUID} from 'node:crypto';
import {dirname} from 'node:path';
import type {Clock} from '../../core/clock.js';
import type {Disk} from '../../core/disk.js';
import type {WriterError} from '../../core/errors.js';
import {errorCode, messageOf} from '../../core/foreign-error.js';
import {misuse} from '../../core/options.js';
import {ProcessClaim} from '../../core/process-claim.js';
import type {OwnerState, ProcessOwner} from '../../core/process-owner.js';
import {OutboxFault} from './client-errors.js';
import {OUTBOX_HEADER, OutboxState, type OutboxLine} from './outbox-state.js';

/** What the file works with. */
export interface OutboxFileTerms {
  readonly disk: Disk;
  /** Absolute. */
  readonly path: string;
  readonly clock: Clock;
  /** Bytes above which it takes no new entries. */
  readonly maxBytes: number;
  /** Whether a process still runs. @default asks the system */
  readonly stateOf?: ((owner: ProcessOwner) => OwnerState) | undefined;
}

/** Everybody holds the claim of the file for some ms only. */
const PATIENCE = 30_000;
const EMPTY = OUTBOX_HEADER.length + 1;
const MODE = 0o600;

/**
 * The file of an outbox: JSON lines, which any number of processes add to. A line is on the medium when `append` resolves.
 * Whoever changes the file holds a claim for that moment; another one is held by the process that sends, for as long as
 * it does. What was broken off in the middle of a line is left alone and says nothing.
 */
export class OutboxFile {
  readonly #terms: OutboxFileTerms;
  #waiting: {readonly text: string; readonly isEntry: boolean}[] = [];
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();
  /** Where our own last line ended: nothing needs to be looked at when the file still ends there. */
  #end: number | undefined;
  #known: {readonly size: number; readonly modified: number; readonly state: OutboxState} | undefined;

  constructor(terms: OutboxFileTerms) {
    this.#terms = terms;
  }

  /** Makes the file when there is none. @throws OutboxFault; TypeError when it is something else */
  async open(): Promise<void> {
    await this.#claimed(async () => {
      const {disk, path} = this.#terms;
      const there = await disk.stat(path);
      if (there === undefined) {
        await this.#replace(`${OUTBOX_HEADER}\n`);
        return;
      }
      if (there.kind !== 'file') throw notOurs(path);
      await this.state();
    });
  }

  /** What is in it. @throws OutboxFault, TypeError */
  async state(): Promise<OutboxState> {
    const {disk, path} = this.#terms;
    return this.#guarded('read', async () => {
      const there = await disk.stat(path);
      if (there === undefined || there.size === EMPTY) return new OutboxState();
      const {size, modified} = there;
      if (this.#known?.size === size && this.#known.modified === modified && modified !== 0) return this.#known.state;
      const chunks: Uint8Array[] = [];
      for await (const chunk of disk.read(path)) chunks.push(chunk);
      const state = OutboxState.of(Buffer.concat(chunks).toString('utf8'));
      if (state === undefined) throw notOurs(path);
      this.#known = {size, modified, state};
      return state;
    });
  }

  /** Adds lines, in one piece; those that come while another write runs share the next one. @throws OutboxFault */
  append(lines: readonly OutboxLine[]): Promise<void> {
    this.#waiting.push(...lines.map((line) => ({text: `${JSON.stringify(line)}\n`, isEntry: 'entry' in line})));
    if (this.#next !== undefined) return this.#next;
    const turn = this.#last.then(() => this.#flush());
    this.#last = turn.catch(() => undefined);
    return this.#next = turn;
  }

  /** Writes it anew without what says nothing any more, when that is most of it. @throws OutboxFault */
  async compact(): Promise<void> {
    const {stale, pending, refused} = await this.state();
    if (stale === 0 || stale < pending.size + refused.size) return;
    await this.#claimed(async () => this.#replace((await this.state()).text()));
  }

  /** The claim of the process that sends, or why it can't be had: who has it. @throws OutboxFault */
  claimSending(): Promise<ProcessClaim | WriterError> {
    const {disk, path, stateOf} = this.#terms;
    const terms = {disk, stateOf, path: `${path}.sender`, name: `the sending of the outbox ${path}`};
    return this.#guarded('claim', () => ProcessClaim.tryTake(terms));
  }

  /** Gives the claim back. @throws OutboxFault */
  release(claim: ProcessClaim): Promise<void> {
    return this.#guarded('give back', () => claim.release());
  }

  /** Waits for what is being written. */
  async idle(): Promise<void> {
    await this.#last;
  }

  async #flush(): Promise<void> {
    const lines = this.#waiting;
    this.#waiting = [];
    this.#next = undefined;
    await this.#claimed(() => this.#write(lines.map(({text}) => text).join(''), lines.some(({isEntry}) => isEntry)));
  }

  async #write(text: string, hasEntry: boolean): Promise<void> {
    const {disk, path, maxBytes} = this.#terms;
    let there = await disk.stat(path);
    if (there === undefined) {
      await this.#replace(`${OUTBOX_HEADER}\n`);
      there = await disk.stat(path);
    }
    const size = there?.size ?? 0;
    const strange = size !== this.#end;
    // Somebody may have been killed in the middle of a line: what stands there must not become a part of ours.
    const bytes = Buffer.from(strange ? `\n${text}` : text);
    if (hasEntry && size + bytes.byteLength > maxBytes) {
      throw new OutboxFault(`the outbox ${path} is full: ${size} bytes of ${maxBytes}`, {}, 'OUTBOX_FULL');
    }
    const file = await disk.open(path, size);
    try {
      await file.write([bytes]);
      await file.sync();
    } catch (error) {
      await file.truncate(size).catch(() => undefined);
      throw error;
    } finally {
      await file.close();
    }
    // Or between a rename and the sync of the folder, so that the name may not be on the medium yet.
    if (strange) await disk.syncFolder(dirname(path));
    this.#end = size + bytes.byteLength;
  }

  /** Puts a text in the place of the file, in one step. */
  async #replace(text: string): Promise<void> {
    const {disk, path} = this.#terms;
    const temporary = `${path}.${randomUUID().slice(-12)}`;
    const bytes = Buffer.from(text);
    try {
      const file = await disk.create(temporary, MODE);
      try {
        await file.write([bytes]);
        await file.sync();
      } finally {
        await file.close();
      }
      await disk.rename(temporary, path);
    } catch (error) {
      await disk.unlink(temporary).catch(() => undefined);
      throw error;
    }
    await disk.syncFolder(dirname(path));
    this.#end = bytes.byteLength;
  }

  async #claimed(work: () => Promise<void>): Promise<void> {
    const {disk, path, clock, stateOf} = this.#terms;
    await this.#guarded('write', async () => {
      const claim = await ProcessClaim.take({disk, stateOf, path: `${path}.lock`, name: `the outbox ${path}`}, {clock, limit: PATIENCE});
      try {
        await work();
      } finally {
        await claim.release();
      }
    });
  }

  async #guarded<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const {path} = this.#terms;
    try {
      return await work();
    } catch (error) {
      if (error instanceof OutboxFault || error instanceof TypeError) throw error;
      const code = errorCode(error);
      const reason = code === undefined ? messageOf(error) : `${messageOf(error)} (${code})`;
      throw new OutboxFault(`cannot ${operation} the outbox ${path}: ${reason}`, {cause: error});
    }
  }
}

function notOurs(path: string): TypeError {
  return misuse('outbox.path', path, 'an outbox, or no file yet');
}
