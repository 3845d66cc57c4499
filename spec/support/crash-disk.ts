import {basename, dirname} from 'node:path';
import type {Disk, DiskEntry, DiskFile} from '../../src/core/disk.js';
import {crashChoices} from './crash-choices.js';
import {CrashNode, type ChangeKind, type Choice} from './crash-node.js';

/** What is there from the beginning, and on the medium: path → bytes of a file, or undefined for a folder. */
export type InitialFiles = Readonly<Record<string, Uint8Array | string | undefined>>;

/**
 * A file system in memory that writes down every step and knows what a power cut behind any of them may leave. It is a
 * POSIX system without a journal: what was written is safe from the end of a sync of the file that was asked for after
 * it, a name from the end of such a sync of its folder; until then each change is kept or lost alone, and a write may
 * be kept in half, or as room full of zeros. Only a rename within a folder is never seen without either name.
 */
export class CrashDisk implements Disk {
  /** Every step so far, in words. */
  readonly log: string[] = [];
  readonly #root: CrashNode;
  readonly #nodes: CrashNode[] = [];

  constructor(initial: InitialFiles | CrashNode = {}) {
    this.#root = initial instanceof CrashNode ? initial : treeOf(initial);
    this.#meet(this.#root);
  }

  /** How many steps were made. */
  get steps(): number {
    return this.log.length;
  }

  /** What a power cut behind the first `step` steps may make of what was not synced. `seed` draws lots where it is too much to look at. */
  choices(step: number, seed = 1): Iterable<Choice> {
    return crashChoices(this.#nodes.flatMap((node) => node.open(step)).sort((a, b) => a.step - b.step), seed);
  }

  /**
   * What such a power cut leaves: a disk of its own, with an empty log, on which a second run can go on. Without a
   * choice nothing is lost: what a process finds that starts after another was killed.
   */
  afterCrash(step: number, choice?: Choice): CrashDisk {
    return this.#copy(step, choice, (_path, content) => content);
  }

  /** The same disk with other contents: all that is there is on the medium, the log is empty. */
  changed(change: (path: string, content: Buffer) => Buffer): CrashDisk {
    return this.#copy(this.steps, undefined, change);
  }

  #copy(step: number, choice: Choice | undefined, change: (path: string, content: Buffer) => Buffer): CrashDisk {
    const copies = new Map<CrashNode, CrashNode>();
    const copy = (node: CrashNode, path: string): CrashNode => {
      const known = copies.get(node) ?? (node.kind === 'file'
        ? CrashNode.file(node.mode, () => change(path, node.content(step, choice)))
        : CrashNode.folder(new Map([...node.names(step, choice)].map(([name, inside]) => [name, copy(inside, `${path}/${name}`)]))));
      copies.set(node, known);
      return known;
    };
    return new CrashDisk(copy(this.#root, ''));
  }

  /** The bytes of a file; undefined when no file is there. */
  content(path: string): Buffer | undefined {
    const node = this.#find(path);
    return node?.kind === 'file' ? node.content(this.steps, undefined) : undefined;
  }

  /** Every path, sorted; folders end with a slash. */
  list(folder = '/', node = this.#root): string[] {
    return [...this.#names(node)].sort(([a], [b]) => a < b ? -1 : 1).flatMap(([name, inside]) => {
      const path = folder + name;
      return inside.kind === 'file' ? [path] : [`${path}/`, ...this.list(`${path}/`, inside)];
    });
  }

  async create(path: string, mode: number): Promise<DiskFile> {
    const node = this.#add(path, CrashNode.file(mode), 'create');
    return this.#file(node, basename(path));
  }

  async open(path: string, size: number): Promise<DiskFile> {
    const file = this.#file(this.#get(path), basename(path));
    await file.truncate(size);
    return file;
  }

  async stat(path: string): Promise<DiskEntry | undefined> {
    const node = this.#find(path);
    if (node === undefined) return undefined;
    const entry = {kind: node.kind, size: node.content(this.steps, undefined).length, mode: node.mode, modified: 0, links: this.#links(node)};
    return entry;
  }

  async realPath(path: string): Promise<string> {
    this.#get(path);
    return path;
  }

  async checkWritable(folder: string): Promise<void> {
    this.#folder(folder);
  }

  async makeFolder(path: string): Promise<void> {
    this.#add(path, CrashNode.folder(), 'make');
  }

  async removeFolder(path: string): Promise<void> {
    if (this.#names(this.#folder(path)).size > 0) throw systemError('ENOTEMPTY', path);
    this.#rename(dirname(path), `remove ${basename(path)}/`, [[basename(path), undefined]]);
  }

  async rename(from: string, to: string): Promise<void> {
    const node = this.#get(from);
    const text = `rename ${basename(from)} ${basename(to)}`;
    const gone: [string, undefined] = [basename(from), undefined];
    if (dirname(from) === dirname(to)) {
      this.#rename(dirname(to), text, [[basename(to), node], gone]);
      return;
    }
    // One step, and a change in each folder: their syncs are two.
    this.#folder(dirname(from)).change(this.steps + 1, `${text}, the old name`, {names: [gone]});
    this.#rename(dirname(to), `${text}, the new name`, [[basename(to), node]]);
  }

  async link(from: string, to: string): Promise<void> {
    this.#add(to, this.#get(from), `link ${basename(from)}`);
  }

  async unlink(path: string): Promise<void> {
    if (this.#get(path).kind === 'folder') throw systemError('EISDIR', path);
    this.#rename(dirname(path), `unlink ${basename(path)}`, [[basename(path), undefined]]);
  }

  async syncFolder(path: string): Promise<void> {
    await this.#sync(this.#folder(path), `sync ${path}/`);
  }

  async *read(path: string, size?: number): AsyncIterable<Uint8Array> {
    yield Buffer.from(this.#get(path).content(this.steps, undefined).subarray(0, size));
  }

  async listFolder(folder: string): Promise<string[]> {
    return [...this.#names(this.#folder(folder)).keys()];
  }

  /** An open file; what is written without a place goes to its end. */
  #file(node: CrashNode, name: string): DiskFile {
    let position = node.content(this.steps, undefined).length;
    return {
      write: async (buffers, at) => {
        const offset = at ?? position;
        const bytes = Buffer.concat(buffers);
        this.#step(node, `write ${name} ${offset}+${bytes.length}`, {write: bytes, offset});
        position = Math.max(position, offset + bytes.length);
      },
      truncate: async (size) => {
        this.#step(node, `truncate ${name} ${size}`, {size});
        position = size;
      },
      chmod: async (mode) => { node.mode = mode; },
      sync: () => this.#sync(node, `sync ${name}`),
      close: async () => undefined,
    };
  }

  /** A sync holds for what was done before it was asked for, and holds once it is over; others act meanwhile. */
  async #sync(node: CrashNode, text: string): Promise<void> {
    const covers = this.steps;
    await new Promise((resolve) => { setImmediate(resolve); });
    this.log.push(text);
    node.synced(this.steps, covers);
  }

  #add(path: string, node: CrashNode, text: string): CrashNode {
    if (this.#find(path) !== undefined) throw systemError('EEXIST', path);
    this.#rename(dirname(path), `${text} ${basename(path)}`, [[basename(path), node]]);
    if (!this.#nodes.includes(node)) this.#nodes.push(node);
    return node;
  }

  #rename(folder: string, text: string, names: readonly [string, CrashNode | undefined][]): void {
    this.#step(this.#folder(folder), text, {names});
  }

  #step(node: CrashNode, text: string, kind: ChangeKind): void {
    this.log.push(text);
    node.change(this.steps, text, kind);
  }

  #names(node: CrashNode): Map<string, CrashNode> {
    return node.names(this.steps, undefined);
  }

  #find(path: string): CrashNode | undefined {
    let node: CrashNode | undefined = this.#root;
    for (const name of path.split('/').slice(1)) if (name !== '') node = node && this.#names(node).get(name);
    return node;
  }

  /** How many names a file has. */
  #links(node: CrashNode, folder = this.#root): number {
    const inside = [...this.#names(folder).values()];
    return inside.reduce((sum, one) => sum + (one === node ? 1 : 0) + (one.kind === 'folder' ? this.#links(node, one) : 0), 0);
  }

  #get(path: string): CrashNode {
    const node = this.#find(path);
    if (node === undefined) throw systemError('ENOENT', path);
    return node;
  }

  #folder(path: string): CrashNode {
    const node = this.#get(path);
    if (node.kind !== 'folder') throw systemError('ENOTDIR', path);
    return node;
  }

  #meet(node: CrashNode): void {
    this.#nodes.push(node);
    for (const inside of this.#names(node).values()) if (!this.#nodes.includes(inside)) this.#meet(inside);
  }
}

function treeOf(initial: InitialFiles): CrashNode {
  const inside = (folder: string): CrashNode => {
    const below = Object.keys(initial).filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length).split('/', 1)[0] ?? '');
    return CrashNode.folder(new Map([...new Set(below)].filter((name) => name !== '').map((name) => {
      const content = initial[folder + name];
      return [name, content === undefined ? inside(`${folder}${name}/`) : CrashNode.file(0o644, () => Buffer.from(content))];
    })));
  };
  return inside('/');
}

function systemError(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), {code, path});
}
