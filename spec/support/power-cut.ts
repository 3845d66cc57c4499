import {choiceText} from './crash-choices.js';
import type {CrashDisk} from './crash-disk.js';

/** What is promised of one path. `undefined` stands for no file. */
export interface Promised {
  readonly path: string;
  /** What may be there, whenever the power is cut. */
  readonly any?: readonly (Buffer | undefined)[] | undefined;
  /** What must be there, whenever the power is cut after step `from`. */
  readonly end?: {readonly from: number; readonly content: Buffer | undefined} | undefined;
}

/** What was found. */
export interface Findings {
  /** So many states were looked at. */
  readonly states: number;
  /** The broken promises, each with the first step and choice that break it, once for each content that should not be. */
  readonly broken: readonly string[];
}

/** How to look. */
export interface FindOptions {
  /** `false`: only the process is killed. What it did stays, and the state is what the next one finds. @default true */
  readonly cut?: boolean | undefined;
  /** Of the lots. @default 1 */
  readonly seed?: number | undefined;
  /** What else is wrong in a state, in words. */
  readonly look?: ((left: CrashDisk) => string | undefined) | undefined;
}

/** Cuts the power behind every step, in every way, and looks for broken promises. */
export function findBroken(disk: CrashDisk, promises: readonly Promised[], {cut = true, seed = 1, look}: FindOptions = {}): Findings {
  const broken = new Map<string, string>();
  let states = 0;
  for (let step = 0; step <= disk.steps; step++) {
    for (const choice of cut ? disk.choices(step, seed) : [undefined]) {
      const left = disk.afterCrash(step, choice);
      states++;
      for (const what of [...promises.map((promise) => breachOf(left, promise, step)), look?.(left)]) {
        if (what === undefined || broken.has(what)) continue;
        const how = choice === undefined ? 'killed' : choiceText(choice);
        broken.set(what, `behind step ${step} (${disk.log[step - 1] ?? 'none'}) of ${disk.steps}, seed ${seed}, ${what}: ${how}`);
      }
    }
  }
  return {states, broken: [...broken.values()]};
}

/** What power cuts may leave under a path, as Latin-1 text: each content once, sorted; `undefined`, no file, is the last. */
export interface Left {
  /** Behind any step. */
  readonly any: readonly (string | undefined)[];
  /** Behind the last one. */
  readonly end: readonly (string | undefined)[];
}

/** What is left under a path by a power cut behind any step, and by one behind the last. */
export function leftAt(disk: CrashDisk, path: string): Left {
  const steps = Array.from({length: disk.steps + 1}, (_, step) => leftBehind(disk, path, step));
  return {any: [...new Set(steps.flat())].sort(), end: steps.at(-1) ?? []};
}

/** What is left under a path by a power cut behind the first `step` steps; in the form of `Left`. */
export function leftBehind(disk: CrashDisk, path: string, step = disk.steps): (string | undefined)[] {
  return [...new Set([...disk.choices(step)].map((choice) => disk.afterCrash(step, choice).content(path)?.toString('latin1')))].sort();
}

function breachOf(left: CrashDisk, {path, any, end}: Promised, step: number): string | undefined {
  const content = left.content(path);
  const allowed = end !== undefined && step >= end.from ? [end.content] : any;
  return allowed === undefined || allowed.some((one) => isSame(one, content)) ? undefined : `${path} is ${shortText(content)}`;
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}

function shortText(content: Buffer | undefined): string {
  return content === undefined ? 'absent' : `${content.length} B, ${content.subarray(0, 8).toString('hex')}… ${content.subarray(-8).toString('hex')}`;
}
