import {dirname, resolve, sep} from 'node:path';
import {addressId} from '../core/address-id.js';
import type {Durability, KeptBytes, KeptPieces, Published, WriterAbilities, WriterMeta, WriterPlan, WriterStart} from '../core/contract.js';
import type {Disk, DiskEntry} from '../core/disk.js';
import {FileExists, WriterError, type DownloadError} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import {misuse, oneOf, onlyKeys, outOfRange, wholeNumber} from '../core/options.js';
import {BaseWriter} from './base-writer.js';
import {foldersOf, type Folders} from './folders.js';
import {PartKeeper} from './part-keeper.js';
import {publish, type ExistsPolicy} from './publish.js';
import {Staging} from './staging.js';
import {checkTarget, type Target} from './target-check.js';
import {GATHERED_BYTES} from './write-behind.js';

/** How a FileWriter is made. */
export interface FileWriterOptions {
  /**
   * When the target exists: `replace` it; `skip`: keep it; `skip-if-same`: keep it if the download's validations accept
   * it, else replace it; `rename`: write `name.1.ext`, `name.2.ext` …; `error`: fail with FileExists. What appears while
   * the bytes come is never overwritten by `error`, `skip` (both fail then) and `rename`. @default 'replace'
   */
  exists?: ExistsPolicy | undefined;
  /** `file`: the bytes are on the medium before the file gets its name; `full`: the name too. @default 'full' */
  durability?: Durability | undefined;
  /** Permission bits of the file. @default 0o666 without those of the umask */
  mode?: number | undefined;
  /** @default the machine's */
  disk?: Disk | undefined;
  /**
   * Leaves the bytes of a failed or cancelled run to a later one, and takes up what an earlier one of the same target and
   * address left, in a part and a journal beside the target. @default false
   */
  resume?: boolean | undefined;
  /** For paths made of names from elsewhere: the target must stay below this folder, and no link is passed below it. */
  root?: string | undefined;
}

const POLICIES: readonly ExistsPolicy[] = ['error', 'skip', 'skip-if-same', 'replace', 'rename'];
const ANYBODY = 0o666;
type State = 'new' | 'preparing' | 'opening' | 'open' | 'closed' | 'discarded';
const ABILITIES: WriterAbilities = Object.freeze({rewind: true, resume: false, positional: true, read: true});
const RESUMING: WriterAbilities = Object.freeze({...ABILITIES, resume: true});

/**
 * Writes a file that appears under its name only when it is complete and verified: the bytes go to a part beside the
 * target, with mode 0600, and `close` publishes it by rename. Bodies of at most 1 MiB stay in memory until then.
 * Missing folders are made. Faults of the file system are WriterErrors that name operation, path and reason.
 */
export class FileWriter extends BaseWriter {
  /** The absolute path of the target. */
  readonly path: string;
  readonly warnings: DownloadError[] = [];
  readonly #exists: ExistsPolicy;
  readonly #durability: Durability;
  readonly #mode: number | undefined;
  readonly #disk: Disk | undefined;
  readonly #root: string | undefined;
  readonly #resume: boolean;
  #state: State = 'new';
  #folders: Folders | undefined;
  #target: Target | undefined;
  #staging: Staging | undefined;
  #keeper: PartKeeper | undefined;
  #start: WriterStart | undefined;
  /** What must end before anything can be removed. */
  #busy: Promise<unknown> | undefined;
  #discarding: Promise<void> | undefined;
  /** Where the finished or kept file is. */
  #final: string | undefined;

  /** @throws TypeError, RangeError naming the option */
  constructor(path: string, options: FileWriterOptions = {}) {
    super();
    onlyKeys('FileWriter', options, ['exists', 'durability', 'mode', 'disk', 'root', 'resume']);
    this.path = filePath('path', path);
    if (path.endsWith('/') || path.endsWith(sep)) throw misuse('path', path, 'the path of a file, not of a folder');
    this.#exists = oneOf('exists', options.exists, POLICIES, 'replace');
    this.#durability = oneOf('durability', options.durability, ['none', 'file', 'full'], 'full');
    this.#mode = options.mode === undefined ? undefined : wholeNumber('mode', options.mode, 0);
    if (this.#mode !== undefined && this.#mode > 0o777) throw outOfRange('mode', this.#mode, 'permission bits of at most 0o777');
    this.#root = options.root === undefined ? undefined : filePath('root', options.root);
    if (options.resume !== undefined && typeof options.resume !== 'boolean') throw misuse('resume', options.resume, 'true or false');
    this.#resume = options.resume ?? false;
    this.#disk = options.disk;
    const disk = options.disk as Partial<Disk> | null | undefined;
    if (disk !== undefined && typeof disk?.create !== 'function') throw misuse('disk', disk, 'a Disk');
  }

  override get floor(): number {
    return 0;
  }

  override get abilities(): WriterAbilities {
    return this.#resume ? RESUMING : ABILITIES;
  }

  /** Looks at the target before a byte moves. @throws WriterError, FileExists, UnsafeName */
  async prepare(start: WriterStart): Promise<WriterPlan | undefined> {
    this.#expect('prepare', 'new');
    this.#state = 'preparing';
    try {
      return await this.#prepare(start);
    } finally {
      this.#leave('preparing');
    }
  }

  /** Makes missing folders, and the part of a body that is too large for memory. @throws WriterError */
  override open(meta: WriterMeta): void | Promise<void> {
    this.#expect('open', 'new');
    this.#final = undefined;
    this.#folders ??= foldersOf(undefined, this.#disk);
    const staging = this.#staging ??= new Staging(this.#folders, this.path);
    const large = meta.length !== undefined && meta.length > GATHERED_BYTES;
    if (this.#resume || large || this.#target?.hasFolder !== true) return this.#hold(this.#open(this.#folders, staging, large, meta));
    this.#state = 'open';
    return undefined;
  }

  append(chunk: Uint8Array): void | Promise<void> {
    const staging = this.#staged('append');
    const written = staging.append(chunk);
    const noted = this.#keeper?.appended(chunk, staging);
    if (noted === undefined) return written;
    return this.#hold(Promise.all([written, noted]).then(() => undefined));
  }

  /** Puts bytes anywhere; several calls may be under way. @throws WriterError */
  writeAt(offset: number, chunk: Uint8Array): Promise<void> {
    const staging = this.#staged('writeAt');
    wholeNumber('offset', offset, 0);
    return staging.writeAt(offset, chunk);
  }

  /** With the option `resume`: the pieces that an earlier run left and that are unaltered. @throws WriterError */
  async keptPieces(): Promise<KeptPieces | undefined> {
    return this.#state === 'new' ? this.#keeper?.keptPieces() : undefined;
  }

  /** With the option `resume`: a later run finds the piece again. */
  pieceDone(piece: number, digest: string): void | Promise<void> {
    const noted = this.#keeper?.pieceDone(piece, digest, this.#staged('pieceDone'));
    return noted === undefined ? undefined : this.#hold(noted);
  }

  rewind(offset: number, meta?: WriterMeta): Promise<void> {
    const staging = this.#staged('rewind');
    wholeNumber('offset', offset, 0);
    // The pieces stay where they are.
    if (meta?.reply.pieces?.kept !== undefined) return Promise.resolve();
    return this.#hold(this.#keeper === undefined ? staging.rewind(offset) : this.#restart(this.#keeper, staging, offset, meta));
  }

  /** The bytes accepted so far; those of the file once it is finished, or when it is kept. @throws WriterError */
  read(): AsyncIterable<Uint8Array> {
    if (this.#final !== undefined && this.#folders !== undefined) return this.#folders.read(this.#final);
    if (this.#state === 'new' && this.#keeper?.claimed === true) return this.#keeper.read();
    return this.#staged('read').read();
  }

  /** Publishes. @throws WriterError, FileExists; the target is untouched then, unless only the sync of its folder failed */
  close(): Promise<Published> {
    return this.#hold(this.#publish(this.#staged('close')));
  }

  /**
   * Removes the part and the empty folders that were made; never touches a published or kept file. With `keep` and the
   * option `resume` the part and its journal stay. @throws WriterError
   */
  override discard(end?: {readonly keep?: boolean | undefined}): Promise<void> {
    return this.#discarding ??= this.#discard(end?.keep === true);
  }

  async #prepare(start: WriterStart): Promise<WriterPlan | undefined> {
    this.#start = start;
    this.#folders = foldersOf(start.context, this.#disk);
    this.#target = await checkTarget(this.#folders, this.path, this.#root);
    const {entry} = this.#target;
    if (entry !== undefined && this.#exists === 'error') throw new FileExists(`the target exists: ${this.path}`, this.path);
    const existing = entry === undefined ? undefined : this.#useOf(entry, start);
    const mayGoOn = existing === undefined || existing === 'unless-modified';
    const partial = mayGoOn && this.#resume ? await this.#claim(start) : undefined;
    if (partial !== undefined) return {partial};
    if (existing === undefined) return undefined;
    this.#final = this.path;
    return {existing, size: entry?.size, path: this.path};
  }

  /** What is to become of the file that is there; undefined: it is replaced. */
  #useOf(entry: DiskEntry, {validated, conditional}: WriterStart): WriterPlan['existing'] {
    if (this.#exists === 'skip') return 'keep';
    if (entry.kind !== 'file') return undefined;
    if (this.#exists === 'skip-if-same' && validated) return 'same';
    return conditional === true && this.#exists !== 'rename' ? 'unless-modified' : undefined;
  }

  async #claim({url, address, context}: WriterStart): Promise<KeptBytes | undefined> {
    this.#keeper = new PartKeeper({disk: (this.#folders as Folders).disk, target: this.path, url, address: address ?? addressId(url), context});
    return this.#keeper.claim();
  }

  async #restart(keeper: PartKeeper, staging: Staging, offset: number, meta: WriterMeta | undefined): Promise<void> {
    if (offset !== 0 || meta === undefined) {
      await keeper.forget();
      this.#keeper = undefined;
      return staging.rewind(offset);
    }
    await staging.restart();
    await keeper.begin(meta, staging);
  }

  async #open(folders: Folders, staging: Staging, large: boolean, meta: WriterMeta): Promise<void> {
    this.#state = 'opening';
    try {
      this.#target ??= await checkTarget(folders, this.path, this.#root);
      if (!this.#target.hasFolder) await staging.makeFolder();
      // What is there was looked at first and found wanting; a part from earlier is older still.
      if (this.#resume && this.#keeper === undefined && this.#start !== undefined) await this.#claim(this.#start);
      await this.#keeper?.begin(meta, staging);
      if (large) await staging.createPart();
      this.#state = 'open';
    } finally {
      this.#leave('opening');
    }
  }

  async #publish(staging: Staging): Promise<Published> {
    const durability = this.#durability;
    const folders = this.#folders as Folders;
    const finish = {mode: this.#mode ?? ANYBODY & ~folders.umask, sync: durability !== 'none'};
    const part = await staging.finish(finish);
    const {path, warning} = await publish(part, {disk: folders.disk, target: this.path, exists: this.#exists, finish});
    this.#state = 'closed';
    this.#final = path;
    if (warning !== undefined) this.warnings.push(warning);
    await this.#keeper?.forget().catch((error: unknown) => { this.warnings.push(error as DownloadError); });
    if (durability === 'full') await this.#settle(folders, path);
    return {path, durability};
  }

  async #settle(folders: Folders, path: string): Promise<void> {
    try {
      await folders.settle(dirname(path));
    } catch (error) {
      throw new WriterError(`${path} is in place, but a power cut may still undo it: ${messageOf(error)}`, path, {cause: error});
    }
  }

  async #discard(keep: boolean): Promise<void> {
    await this.#busy?.catch(() => undefined);
    if (this.#state === 'closed') return;
    this.#state = 'discarded';
    // What an earlier run left and this one never used stays, whatever ended this one.
    const keeps = keep || this.#keeper?.claimed === true;
    if (keeps && await this.#keeper?.keep(this.#staging).catch(() => false) === true) return;
    try {
      await this.#keeper?.forget();
    } finally {
      await this.#staging?.discard();
    }
  }

  /** Remembers what is under way, so that a discard in the middle of it waits. */
  #hold<T>(work: Promise<T>): Promise<T> {
    this.#busy = work;
    return work;
  }

  #staged(call: string): Staging {
    this.#expect(call, 'open');
    return this.#staging as Staging;
  }

  /** What failed, or only looked, can be tried again. */
  #leave(state: State): void {
    if (this.#state === state) this.#state = 'new';
  }

  #expect(call: string, state: State): void {
    if (this.#state === state && this.#discarding === undefined) return;
    throw new TypeError(`${call}: expected a FileWriter that is ${state}, it is ${this.#state}`);
  }
}

function filePath(option: string, path: unknown): string {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) throw misuse(option, path, 'a path');
  return resolve(path);
}
