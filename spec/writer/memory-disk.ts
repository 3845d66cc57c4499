import {dirname} from 'node:path';
import type {Disk, DiskEntry, DiskFile} from '../../src/core/disk.js';

/** The content of a file, whatever its names. */
interface Node {
  readonly folder: boolean;
  bytes: Buffer;
}

type Step =
  | {readonly kind: 'name'; readonly folder: string; readonly apply: (names: Map<string, Node>) => void}
  | {readonly kind: 'data'; readonly node: Node; readonly bytes: Buffer}
  | {readonly kind: 'sync'; readonly node: Node}
  | {readonly kind: 'syncFolder'; readonly folder: string};

/** A disk in memory that writes down every step, and knows what a power cut after any of them may leave. */
export class MemoryDisk implements Disk {
  readonly #initial: Map<string, Node>;
  readonly #names: Map<string, Node>;
  readonly #steps: Step[] = [];

  /** What is there from the beginning, and on the medium. Texts are files, undefined is a folder. */
  constructor(initial: Readonly<Record<string, string | undefined>>) {
    const node = (text: string | undefined): Node => ({folder: text === undefined, bytes: Buffer.from(text ?? '')});
    this.#initial = new Map(Object.entries(initial).map(([path, text]) => [path, node(text)]));
    this.#names = new Map(this.#initial);
  }

  /** How many steps were made. */
  get steps(): number {
    return this.#steps.length;
  }

  /**
   * What the file may hold after a power cut behind the first `steps` steps: every subset of the name changes that were
   * not synced, with data that was not synced kept or lost. `undefined`: no such file.
   */
  afterCut(path: string, steps: number): Set<string | undefined> {
    const done = this.#steps.slice(0, steps);
    const changes = done.flatMap((step, at) => (step.kind === 'name' ? [{step, safe: this.#isSynced(done, step.folder, at)}] : []));
    const open = changes.filter(({safe}) => !safe);
    const found = new Set<string | undefined>();
    for (let subset = 0; subset < 2 ** open.length; subset++) {
      const names = new Map(this.#initial);
      for (const {step, safe} of changes) if (safe || (subset >> open.findIndex((one) => one.step === step) & 1) === 1) step.apply(names);
      const node = isReachable(names, path) ? names.get(path) : undefined;
      for (const lost of [true, false]) found.add(node === undefined ? undefined : this.#content(node, done, lost));
    }
    return found;
  }

  async create(path: string): Promise<DiskFile> {
    if (this.#names.has(path)) throw failure('EEXIST');
    const node: Node = {folder: false, bytes: Buffer.alloc(0)};
    this.#rename(path, (names) => names.set(path, node));
    return this.#file(node);
  }

  async open(path: string, size: number): Promise<DiskFile> {
    const file = this.#file(this.#node(path));
    await file.truncate(size);
    return file;
  }

  #file(node: Node): DiskFile {
    const change = (bytes: Buffer): void => {
      node.bytes = bytes;
      this.#steps.push({kind: 'data', node, bytes});
    };
    return {
      write: async (buffers) => { change(Buffer.concat([node.bytes, ...buffers])); },
      truncate: async (size) => { change(node.bytes.subarray(0, size)); },
      sync: async () => { this.#steps.push({kind: 'sync', node}); },
      chmod: async () => {},
      close: async () => {},
    };
  }

  async stat(path: string): Promise<DiskEntry | undefined> {
    const node = this.#names.get(path);
    return node && {kind: node.folder ? 'folder' : 'file', size: node.bytes.length, mode: 0o644, modified: 0};
  }

  async realPath(path: string): Promise<string> {
    return path;
  }

  async checkWritable(): Promise<void> {}

  async makeFolder(path: string): Promise<void> {
    if (this.#names.has(path)) throw failure('EEXIST');
    if (!this.#names.has(dirname(path))) throw failure('ENOENT');
    this.#rename(path, (names) => names.set(path, {folder: true, bytes: Buffer.alloc(0)}));
  }

  async removeFolder(path: string): Promise<void> {
    this.#rename(path, (names) => names.delete(path));
  }

  async rename(from: string, to: string): Promise<void> {
    const node = this.#node(from);
    this.#rename(to, (names) => {
      names.delete(from);
      names.set(to, node);
    });
  }

  async link(from: string, to: string): Promise<void> {
    if (this.#names.has(to)) throw failure('EEXIST');
    const node = this.#node(from);
    this.#rename(to, (names) => names.set(to, node));
  }

  async unlink(path: string): Promise<void> {
    this.#rename(path, (names) => names.delete(path));
  }

  async syncFolder(folder: string): Promise<void> {
    this.#steps.push({kind: 'syncFolder', folder});
  }

  async *read(path: string): AsyncIterable<Uint8Array> {
    yield this.#node(path).bytes;
  }

  #rename(path: string, apply: (names: Map<string, Node>) => void): void {
    apply(this.#names);
    this.#steps.push({kind: 'name', folder: dirname(path), apply});
  }

  #node(path: string): Node {
    const node = this.#names.get(path);
    if (node === undefined) throw failure('ENOENT');
    return node;
  }

  #isSynced(done: readonly Step[], folder: string, at: number): boolean {
    return done.slice(at).some((step) => step.kind === 'syncFolder' && step.folder === folder);
  }

  #content(node: Node, done: readonly Step[], lost: boolean): string {
    const last = lost ? done.findLastIndex((step) => step.kind === 'sync' && step.node === node) : done.length;
    const data = done.slice(0, Math.max(0, last)).findLast((step) => step.kind === 'data' && step.node === node);
    if (data?.kind === 'data') return data.bytes.toString();
    // No file that was there from the beginning is ever written again.
    return [...this.#initial.values()].includes(node) ? node.bytes.toString() : '';
  }
}

function isReachable(names: ReadonlyMap<string, Node>, path: string): boolean {
  for (let at = dirname(path); at !== '/'; at = dirname(at)) if (names.get(at)?.folder !== true) return false;
  return true;
}

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), {code});
}
