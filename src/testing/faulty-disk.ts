import {basename} from 'node:path';
import {SystemDisk, type Disk, type DiskEntry, type DiskFile} from '../core/disk.js';

/** A method of Disk, or of a file that it created. */
export type DiskCall = keyof Disk | keyof DiskFile;

/** When and how a call fails. */
export interface DiskFault {
  /** The system's code, `ENOSPC` for example. */
  readonly code: string;
  /** Only the n-th call of this name fails, from 1. @default every one */
  readonly at?: number | undefined;
  /** Only calls whose first path matches. @default any */
  readonly path?: RegExp | undefined;
  /** For `write`: so many bytes reach the disk first. @default 0 */
  readonly bytes?: number | undefined;
}

/** One call as it was made. */
export interface DiskRecord {
  readonly call: DiskCall;
  readonly paths: readonly string[];
}

/** A Disk that fails where it is told to, and writes down every call. It works on another Disk: the system's by default. */
export class FaultyDisk implements Disk {
  readonly records: DiskRecord[] = [];
  /** Files created and not closed. */
  openFiles = 0;
  readonly #disk: Disk;
  readonly #faults: {readonly call: DiskCall; readonly fault: DiskFault}[] = [];
  readonly #counts = new Map<DiskCall, number>();

  constructor(disk: Disk = new SystemDisk()) {
    this.#disk = disk;
  }

  /** Plans a fault: the next calls of this name, or those that `fault` describes, fail. */
  fail(call: DiskCall, fault: DiskFault): this {
    this.#faults.push({call, fault});
    return this;
  }

  /** Forgets the faults, keeps the log. */
  heal(): void {
    this.#faults.length = 0;
  }

  /** `rename a b` with base names; the random word of a part file is written as `*`. */
  get log(): string[] {
    return this.records.map(({call, paths}) => [call, ...paths.map(shortName)].join(' '));
  }

  async create(path: string, mode: number): Promise<DiskFile> {
    this.enter('create', path);
    const file = await this.#disk.create(path, mode);
    this.openFiles++;
    return new FaultyFile(this, path, file);
  }

  async open(path: string, size: number): Promise<DiskFile> {
    this.enter('open', path);
    const file = await this.#disk.open(path, size);
    this.openFiles++;
    return new FaultyFile(this, path, file);
  }

  async stat(path: string): Promise<DiskEntry | undefined> {
    this.enter('stat', path);
    return this.#disk.stat(path);
  }

  async realPath(path: string): Promise<string> {
    this.enter('realPath', path);
    return this.#disk.realPath(path);
  }

  async checkWritable(folder: string): Promise<void> {
    this.enter('checkWritable', folder);
    await this.#disk.checkWritable(folder);
  }

  async makeFolder(path: string): Promise<void> {
    this.enter('makeFolder', path);
    await this.#disk.makeFolder(path);
  }

  async removeFolder(path: string): Promise<void> {
    this.enter('removeFolder', path);
    await this.#disk.removeFolder(path);
  }

  async rename(from: string, to: string): Promise<void> {
    this.enter('rename', from, to);
    await this.#disk.rename(from, to);
  }

  async link(from: string, to: string): Promise<void> {
    this.enter('link', from, to);
    await this.#disk.link(from, to);
  }

  async unlink(path: string): Promise<void> {
    this.enter('unlink', path);
    await this.#disk.unlink(path);
  }

  async syncFolder(path: string): Promise<void> {
    this.enter('syncFolder', path);
    await this.#disk.syncFolder(path);
  }

  async *read(path: string, size?: number): AsyncIterable<Uint8Array> {
    this.enter('read', path);
    yield* this.#disk.read(path, size);
  }

  async listFolder(folder: string): Promise<string[]> {
    this.enter('listFolder', folder);
    return await this.#disk.listFolder?.(folder) ?? [];
  }

  /** Records a call. @throws the fault that was planned for it */
  enter(call: DiskCall, ...paths: string[]): void {
    const fault = this.due(call, ...paths);
    if (fault !== undefined) throw systemError(fault.code, call, paths[0]);
  }

  /** Records a call and gives back the fault that was planned for it. */
  due(call: DiskCall, ...paths: string[]): DiskFault | undefined {
    this.records.push({call, paths});
    const nth = (this.#counts.get(call) ?? 0) + 1;
    this.#counts.set(call, nth);
    return this.#faults.find((planned) => planned.call === call && (planned.fault.at ?? nth) === nth
      && (planned.fault.path?.test(paths[0] ?? '') ?? true))?.fault;
  }
}

class FaultyFile implements DiskFile {
  constructor(readonly disk: FaultyDisk, readonly path: string, readonly file: DiskFile) {}

  async write(buffers: readonly Uint8Array[], at?: number): Promise<void> {
    const fault = this.disk.due('write', this.path);
    if (fault === undefined) {
      await this.file.write(buffers, at);
      return;
    }
    if (fault.bytes !== undefined) await this.file.write([Buffer.concat(buffers).subarray(0, fault.bytes)], at);
    throw systemError(fault.code, 'write', this.path);
  }

  async truncate(size: number): Promise<void> {
    this.disk.enter('truncate', this.path);
    await this.file.truncate(size);
  }

  async chmod(mode: number): Promise<void> {
    this.disk.enter('chmod', this.path);
    await this.file.chmod(mode);
  }

  async sync(): Promise<void> {
    this.disk.enter('sync', this.path);
    await this.file.sync();
  }

  /** Closes for real even when it is told to fail, as close(2) does. */
  async close(): Promise<void> {
    const fault = this.disk.due('close', this.path);
    this.disk.openFiles--;
    await this.file.close();
    if (fault !== undefined) throw systemError(fault.code, 'close', this.path);
  }
}

function systemError(code: string, call: string, path: string | undefined): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: planned fault, ${call} '${path ?? ''}'`), {code, syscall: call, path});
}

function shortName(path: string): string {
  return basename(path).replace(/\.[\w-]+\.part$/, '.*.part');
}
