import {dirname, resolve, sep} from 'node:path';
import type {Durability, Published, WriterAbilities, WriterMeta, WriterPlan, WriterStart} from '../core/contract.js';
import type {Disk} from '../core/disk.js';
import {FileExists, WriterError, type DownloadError} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import {misuse, oneOf, onlyKeys, outOfRange, wholeNumber} from '../core/options.js';
import {BaseWriter} from './base-writer.js';
import {foldersOf, type Folders} from './folders.js';
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
  /** For paths made of names from elsewhere: the target must stay below this folder, and no link is passed below it. */
  root?: string | undefined;
}

const POLICIES: readonly ExistsPolicy[] = ['error', 'skip', 'skip-if-same', 'replace', 'rename'];
const ANYBODY = 0o666;
type State = 'new' | 'preparing' | 'opening' | 'open' | 'closed' | 'discarded';
const ABILITIES: WriterAbilities = Object.freeze({rewind: true, resume: false, positional: false, read: true});

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
  #state: State = 'new';
  #folders: Folders | undefined;
  #target: Target | undefined;
  #staging: Staging | undefined;
  /** What must end before anything can be removed. */
  #busy: Promise<unknown> | undefined;
  #discarding: Promise<void> | undefined;
  /** Where the finished or kept file is. */
  #final: string | undefined;

  /** @throws TypeError, RangeError naming the option */
  constructor(path: string, options: FileWriterOptions = {}) {
    super();
    onlyKeys('FileWriter', options, ['exists', 'durability', 'mode', 'disk', 'root']);
    this.path = filePath('path', path);
    if (path.endsWith('/') || path.endsWith(sep)) throw misuse('path', path, 'the path of a file, not of a folder');
    this.#exists = oneOf('exists', options.exists, POLICIES, 'replace');
    this.#durability = oneOf('durability', options.durability, ['none', 'file', 'full'], 'full');
    this.#mode = options.mode === undefined ? undefined : wholeNumber('mode', options.mode, 0);
    if (this.#mode !== undefined && this.#mode > 0o777) throw outOfRange('mode', this.#mode, 'permission bits of at most 0o777');
    this.#root = options.root === undefined ? undefined : filePath('root', options.root);
    this.#disk = options.disk;
    const disk = options.disk as Partial<Disk> | null | undefined;
    if (disk !== undefined && typeof disk?.create !== 'function') throw misuse('disk', disk, 'a Disk');
  }

  override get floor(): number {
    return 0;
  }

  override get abilities(): WriterAbilities {
    return ABILITIES;
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
    if (large || this.#target?.hasFolder !== true) return this.#hold(this.#open(this.#folders, staging, large));
    this.#state = 'open';
    return undefined;
  }

  append(chunk: Uint8Array): void | Promise<void> {
    return this.#staged('append').append(chunk);
  }

  rewind(offset: number): Promise<void> {
    return this.#hold(this.#staged('rewind').rewind(wholeNumber('offset', offset, 0)));
  }

  /** The bytes accepted so far; those of the file once it is finished, or when it is kept. @throws WriterError */
  read(): AsyncIterable<Uint8Array> {
    if (this.#final !== undefined && this.#folders !== undefined) return this.#folders.read(this.#final);
    return this.#staged('read').read();
  }

  /** Publishes. @throws WriterError, FileExists; the target is untouched then, unless only the sync of its folder failed */
  close(): Promise<Published> {
    return this.#hold(this.#publish(this.#staged('close')));
  }

  /** Removes the part and the empty folders that were made; never touches a published or kept file. @throws WriterError */
  override discard(): Promise<void> {
    return this.#discarding ??= this.#discard();
  }

  async #prepare(start: WriterStart): Promise<WriterPlan | undefined> {
    this.#folders = foldersOf(start.context, this.#disk);
    this.#target = await checkTarget(this.#folders, this.path, this.#root);
    const {entry} = this.#target;
    if (entry === undefined) return undefined;
    if (this.#exists === 'error') throw new FileExists(`the target exists: ${this.path}`, this.path);
    const same = this.#exists === 'skip-if-same' && entry.kind === 'file' && start.validated;
    if (this.#exists !== 'skip' && !same) return undefined;
    this.#final = this.path;
    return {existing: same ? 'same' : 'keep', size: entry.size, path: this.path};
  }

  async #open(folders: Folders, staging: Staging, large: boolean): Promise<void> {
    this.#state = 'opening';
    try {
      this.#target ??= await checkTarget(folders, this.path, this.#root);
      if (!this.#target.hasFolder) await staging.makeFolder();
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

  async #discard(): Promise<void> {
    await this.#busy?.catch(() => undefined);
    if (this.#state === 'closed') return;
    this.#state = 'discarded';
    await this.#staging?.discard();
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
