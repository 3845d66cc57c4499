/** What a power cut makes of a change that was not synced: all of it, nothing, the first half, or room without bytes. */
export type Fate = 'kept' | 'lost' | 'half' | 'zeros';

/** Whether each change that was not synced is on the medium; a change that is not named is lost. */
export type Choice = ReadonlyMap<Change, Fate>;

/** One change of a file or folder that the medium may take alone. */
export type Change = {
  /** The step that made it, from 1. */
  readonly step: number;
  /** What it did, for messages. */
  readonly text: string;
  readonly fates: readonly Fate[];
} & ({readonly write: Uint8Array; readonly offset: number} | {readonly size: number} | {readonly names: readonly NameChange[]});

/** A name and what it means from now on; undefined: nothing. */
export type NameChange = readonly [name: string, node: CrashNode | undefined];

/** What a change does, without its place in the log. */
export type ChangeKind = {readonly write: Uint8Array; readonly offset: number} | {readonly size: number} | {readonly names: readonly NameChange[]};

interface Sync {
  /** The sync was over with this step. */
  readonly step: number;
  /** It holds for the changes up to this step: those made before it was asked for. */
  readonly covers: number;
}

/** A file or a folder, whatever its names: what is on the medium, and all that was done since. */
export class CrashNode {
  readonly kind: 'file' | 'folder';
  mode: number;
  readonly changes: Change[] = [];
  readonly #syncs: Sync[] = [];
  readonly #bytes: () => Buffer;
  readonly #names: ReadonlyMap<string, CrashNode>;
  readonly #contents = new Map<string, Buffer>();

  private constructor(kind: 'file' | 'folder', mode: number, bytes: () => Buffer, names: ReadonlyMap<string, CrashNode>) {
    this.kind = kind;
    this.mode = mode;
    this.#bytes = bytes;
    this.#names = names;
  }

  /** A file that is on the medium with these bytes; they are asked for when they are looked at. */
  static file(mode: number, bytes: () => Buffer = () => Buffer.alloc(0)): CrashNode {
    return new CrashNode('file', mode, bytes, new Map());
  }

  /** A folder that is on the medium with these names. */
  static folder(names: ReadonlyMap<string, CrashNode> = new Map()): CrashNode {
    return new CrashNode('folder', 0o777, () => Buffer.alloc(0), names);
  }

  change(step: number, text: string, kind: ChangeKind): void {
    this.changes.push({step, text, fates: fatesOf(kind), ...kind});
  }

  /** A sync that was asked for after step `covers` and was over with `step`. */
  synced(step: number, covers: number): void {
    this.#syncs.push({step, covers});
  }

  /** The changes that a cut behind `step` may undo. */
  open(step: number): Change[] {
    return this.changes.filter((change) => change.step <= step && !this.#isSafe(change, step));
  }

  /** The names in the folder, as a cut leaves them. */
  names(step: number, choice: Choice | undefined): Map<string, CrashNode> {
    const names = new Map(this.#names);
    for (const [change, fate] of this.#fates(step, choice)) {
      if (!('names' in change)) continue;
      for (const [name, node] of fate === 'half' ? change.names.slice(0, 1) : change.names) {
        if (node === undefined) names.delete(name);
        else names.set(name, node);
      }
    }
    return names;
  }

  /** The bytes of the file, as a cut leaves them; the same Buffer for the same fates. */
  content(step: number, choice: Choice | undefined): Buffer {
    const fates = [...this.#fates(step, choice)];
    const key = fates.map(([change, fate]) => `${change.step} ${fate}`).join();
    const known = this.#contents.get(key) ?? contentOf(this.#bytes(), fates);
    this.#contents.set(key, known);
    return known;
  }

  #isSafe(change: Change, step: number): boolean {
    return this.#syncs.some((sync) => sync.step <= step && sync.covers >= change.step);
  }

  /** What is on the medium of the changes up to `step`; without a choice all of it: nothing was cut. */
  *#fates(step: number, choice: Choice | undefined): Generator<readonly [Change, Fate]> {
    for (const change of this.changes) {
      if (change.step > step) return;
      const fate = choice === undefined || this.#isSafe(change, step) ? 'kept' : choice.get(change) ?? 'lost';
      if (fate !== 'lost') yield [change, fate];
    }
  }
}

/** A rename may leave both names; the other way round the file would have none, which no file system does. */
function fatesOf(kind: ChangeKind): readonly Fate[] {
  if ('write' in kind) return kind.write.length > 1 ? ['kept', 'lost', 'half', 'zeros'] : ['kept', 'lost'];
  return 'names' in kind && kind.names.length > 1 ? ['kept', 'lost', 'half'] : ['kept', 'lost'];
}

function contentOf(start: Buffer, fates: readonly (readonly [Change, Fate])[]): Buffer {
  if (fates.length === 0) return start;
  let size = start.length;
  const ends = fates.map(([change]) => 'write' in change ? change.offset + change.write.length : 'size' in change ? change.size : 0);
  const room = Buffer.alloc(Math.max(size, ...ends));
  start.copy(room);
  for (const [change, fate] of fates) {
    if ('write' in change) {
      const bytes = fate === 'half' ? change.write.subarray(0, change.write.length >> 1) : change.write;
      if (fate === 'zeros') room.fill(0, change.offset, change.offset + bytes.length);
      else room.set(bytes, change.offset);
      size = Math.max(size, change.offset + bytes.length);
    } else if ('size' in change) {
      if (change.size < size) room.fill(0, change.size, size);
      size = change.size;
    }
  }
  return room.subarray(0, size);
}
