import {createHash, type Hash} from 'node:crypto';
import {basename} from 'node:path';
import type {ContextView, KeptBytes, KeptPieces, ResumeKey, WriterMeta} from '../core/contract.js';
import type {Disk} from '../core/disk.js';
import {ValidationError, type DownloadError} from '../core/errors.js';
import {currentOwner, type ProcessOwner} from '../core/process-owner.js';
import {diskFault, onDisk} from './disk-fault.js';
import {Journal, type Claim, type JournalEntry} from './journal.js';
import {PartFile} from './part-file.js';
import {PieceList} from './piece-list.js';
import type {Staging} from './staging.js';

/** A crash costs at most so many bytes, or ms, of the transfer. */
const CHECKPOINT_BYTES = 64 * 1024 * 1024;
const CHECKPOINT_TIME = 5000;

/** What a keeper is made with. */
export interface KeeperTerms {
  readonly disk: Disk;
  readonly target: string;
  /** The address asked for first, secrets redacted. */
  readonly url: string;
  /** Its `addressId`. */
  readonly address: string;
  readonly context: ContextView;
}

/**
 * Leaves the bytes of a file to a later run, and takes up what an earlier one left: a journal beside the part says how
 * far it can be trusted (transfer.md, 3). A fault of the journal never fails a transfer; it is then just not kept.
 */
export class PartKeeper {
  readonly #disk: Disk;
  readonly #target: string;
  readonly #url: string;
  readonly #context: ContextView;
  readonly #journal: Journal;
  readonly #owner: ProcessOwner = currentOwner();
  #claim: Claim | undefined;
  /** Whether this run may leave a journal. */
  #active = true;
  #hash: Hash = createHash('sha256');
  #key: ResumeKey | undefined;
  #size = 0;
  /** Which pieces are whole, when the bytes come in pieces; then there is no hash. */
  #pieces: PieceList | undefined;
  #checking = false;
  #last = {size: 0, time: 0};
  /** The part that the journal on disk names. */
  #journalled: string | undefined;
  /** What it says. */
  #entry: JournalEntry | undefined;

  constructor({disk, target, url, address, context}: KeeperTerms) {
    this.#disk = disk;
    this.#target = target;
    this.#url = url;
    this.#context = context;
    this.#journal = new Journal(disk, target, address);
  }

  /** Takes what an earlier run left, if it can be used. @throws WriterError */
  async claim(): Promise<KeptBytes | undefined> {
    const claim = await this.#journal.claim();
    if (claim === undefined || claim === 'busy') {
      this.#active = claim === undefined;
      return undefined;
    }
    const {entry} = claim;
    // The claim took the journal's name away: a kill from now on must find the bytes again.
    if (claim.abandoned && !await this.#write({...entry, owner: this.#owner}, claim.part)) {
      await this.#journal.giveBack(claim);
      return undefined;
    }
    if (claim.abandoned) await this.#journal.settle(claim);
    this.#claim = claim;
    return {offset: entry.offset, key: entry.key};
  }

  /** Whether it has bytes of an earlier run in hand. */
  get claimed(): boolean {
    return this.#claim !== undefined;
  }

  /** The claimed bytes. @throws ValidationError at their end, when they are not those that were written */
  async *read(): AsyncIterable<Uint8Array> {
    const {entry, part} = this.#claim as Claim;
    const hash = createHash('sha256');
    const check = piecesOf(entry)?.check();
    try {
      for await (const chunk of this.#disk.read(part, entry.offset)) {
        hash.update(chunk);
        check?.update(chunk);
        yield chunk;
      }
    } catch (error) {
      throw diskFault(error, 'read', part);
    }
    const good = check === undefined ? hash.copy().digest('hex') === entry.prefix
      : piecesOf(entry)?.only(check.good).prefix === entry.offset;
    if (!good) throw new ValidationError(`the kept bytes were altered: ${this.#target}`);
    this.#hash = hash;
  }

  /** The claimed pieces that are still those that were written. @throws WriterError */
  async keptPieces(): Promise<KeptPieces | undefined> {
    const claim = this.#claim;
    const list = claim === undefined ? undefined : piecesOf(claim.entry);
    if (claim === undefined || list === undefined) return undefined;
    const check = list.check();
    try {
      for await (const chunk of this.#disk.read(claim.part, list.end)) check.update(chunk);
    } catch (error) {
      throw diskFault(error, 'read', claim.part);
    }
    const {length, algorithm, digests} = list.only(check.good);
    return {length, algorithm, digests, key: claim.entry.key};
  }

  /** The transfer begins at byte 0, or after the claimed bytes, which are put into the staging then. @throws WriterError */
  async begin({offset, key, length, reply: {pieces}}: WriterMeta, staging: Staging): Promise<void> {
    const claim = this.#claim;
    this.#claim = undefined;
    this.#key = key;
    this.#pieces = pieces === undefined || length === undefined || length === 0 ? undefined : new PieceList(pieces, length);
    this.#size = pieces?.held ?? offset;
    this.#last = {size: this.#size, time: this.#context.clock.now()};
    if (pieces?.kept !== undefined && claim !== undefined) return this.#beginPieces(pieces.kept, claim, staging);
    if (offset > 0 && claim !== undefined) {
      staging.adopt(await this.#take(claim, offset));
      return;
    }
    this.#hash = createHash('sha256');
    this.#entry = undefined;
    if (claim !== undefined) await this.#drop(claim);
  }

  /** Counts a chunk, and writes down how far the bytes go when it is time. */
  appended(chunk: Uint8Array, staging: Staging): void | Promise<void> {
    this.#hash.update(chunk);
    this.#size += chunk.byteLength;
    if (!this.#active || this.#key === undefined) return undefined;
    const now = this.#context.clock.now();
    if (this.#size - this.#last.size < CHECKPOINT_BYTES && now - this.#last.time < CHECKPOINT_TIME) return undefined;
    this.#last = {size: this.#size, time: now};
    return this.#checkpoint(staging, this.#owner).then(() => undefined);
  }

  /** Notes a piece that was written, and writes down which there are when it is time. */
  pieceDone(piece: number, digest: string, staging: Staging): void | Promise<void> {
    const list = this.#pieces;
    if (list === undefined || !this.#active || this.#key === undefined) return undefined;
    this.#size += list.endOf(piece) - list.endOf(piece - 1);
    list.add(piece, digest);
    const now = this.#context.clock.now();
    const early = this.#size - this.#last.size < CHECKPOINT_BYTES && now - this.#last.time < CHECKPOINT_TIME;
    if (early || this.#checking) return undefined;
    this.#last = {size: this.#size, time: now};
    this.#checking = true;
    return this.#checkpoint(staging, this.#owner).then(() => undefined).finally(() => { this.#checking = false; });
  }

  /** Leaves everything to a later run. @returns whether that went well */
  async keep(staging: Staging | undefined): Promise<boolean> {
    const claim = this.#claim;
    if (claim !== undefined) {
      this.#claim = undefined;
      if (claim.abandoned) await this.#journal.write({...claim.entry, owner: undefined}).catch(() => undefined);
      else await this.#journal.giveBack(claim);
      return true;
    }
    if (staging === undefined) return false;
    const whole = (this.#pieces?.size ?? this.#size) > 0 && await this.#checkpoint(staging, undefined).catch(() => false);
    if (!whole && !await this.#fallBack()) return false;
    await staging.close();
    return true;
  }

  /** What the last journal vouches for is still there, whatever became of the rest. */
  async #fallBack(): Promise<boolean> {
    const entry = this.#entry;
    if (entry === undefined) return false;
    await this.#journal.write({...entry, owner: undefined}).catch(() => undefined);
    return true;
  }

  /** Takes away what this run would have left: the file is published, or not wanted. @throws WriterError */
  async forget(): Promise<void> {
    const claim = this.#claim;
    this.#claim = undefined;
    if (claim !== undefined) await this.#drop(claim);
    if (this.#journalled !== undefined) await this.#journal.remove(this.#journalled);
    this.#journalled = undefined;
  }

  /** Goes on with these of the claimed pieces, where they stand. */
  async #beginPieces(kept: readonly number[], claim: Claim, staging: Staging): Promise<void> {
    const list = piecesOf(claim.entry)?.only(kept);
    for (const [piece, digest] of list?.digests ?? []) this.#pieces?.add(piece, digest);
    staging.adopt(await this.#take(claim, list?.end ?? 0));
  }

  /**
   * Continues in the part itself when its writer is surely gone, else in a copy of its first `size` bytes. A part with a
   * second name was published already (a kill between link and unlink leaves that): it is never written again.
   */
  async #take(claim: Claim, size: number): Promise<PartFile> {
    const {part, abandoned} = claim;
    const there = await onDisk(this.#disk.stat(part), 'look at', part);
    if (abandoned && (there?.links ?? 1) === 1) return PartFile.adopt(this.#disk, part, size);
    const copy = await PartFile.create(this.#disk, this.#target, 0o600);
    try {
      for await (const chunk of this.#disk.read(part, size)) await copy.write([chunk]);
    } catch (error) {
      await copy.remove();
      throw diskFault(error, 'copy', part);
    }
    this.#entry = undefined;
    if (abandoned) await PartFile.removeAt(this.#disk, part);
    else await this.#journal.settle(claim);
    return copy;
  }

  /** The bytes of a run that may still be going on are left alone. */
  async #drop(claim: Claim): Promise<void> {
    this.#entry = undefined;
    if (claim.abandoned) await PartFile.removeAt(this.#disk, claim.part);
    else await this.#journal.giveBack(claim);
  }

  async #checkpoint(staging: Staging, owner: ProcessOwner | undefined): Promise<boolean> {
    const key = this.#key;
    if (!this.#active || key === undefined) return false;
    const list = this.#pieces;
    // Taken before the sync: what is written meanwhile may not be on the medium.
    const far = list === undefined ? {offset: this.#size, prefix: this.#hash.copy().digest('hex')}
      : {offset: list.prefix, pieces: list.record()};
    const path = await staging.secure();
    return this.#write({url: this.#url, key, ...far, part: basename(path), owner}, path);
  }

  async #write(entry: JournalEntry, path: string): Promise<boolean> {
    try {
      // Another run, on another machine say, may have taken the name; it wins.
      const named = await this.#journal.part();
      this.#active &&= named === undefined || named === this.#journalled || named === basename(path);
      if (!this.#active) return false;
      await this.#journal.write(entry);
      this.#journalled = entry.part;
      this.#entry = entry;
      return true;
    } catch (error) {
      if ((error as DownloadError).class === 'cancelled') throw error;
      this.#active = false;
      return false;
    }
  }
}

function piecesOf({pieces, key}: JournalEntry): PieceList | undefined {
  return pieces === undefined ? undefined : PieceList.from(pieces, key.total);
}
