import {fieldOf, isObject, type Json, type JsonObject} from '../../core/json.js';
import {parsePointer} from './json-pointer.js';
import {checkMergePolicy, DIGEST_AND_SIZE, FACT_LISTS, type ListPolicy, type MergePolicy} from './merge-policy.js';

/** What holds for one list. */
export interface ListRule {
  readonly kind: ListPolicy['kind'];
  /** The fields that may name an item; undefined when items have no names. */
  readonly key: readonly string[] | undefined;
}

const UNDECLARED: ListRule = Object.freeze({kind: 'append', key: undefined});

/** A MergePolicy made ready for asking. @throws TypeError for a policy that can't be meant */
export class MergeRules {
  /** Some list has a declared key, so that documents have to be checked for it. */
  readonly named: boolean;
  readonly #lists: readonly (ListRule & {readonly pattern: readonly string[]})[];
  readonly #atomic: ReadonlySet<string>;
  /** The same few names come again and again. */
  readonly #seen = new Map<string, boolean>();

  constructor(policy: MergePolicy = {}) {
    checkMergePolicy(policy);
    this.#lists = (policy.lists ?? FACT_LISTS).map(({path, kind, key}) =>
      ({pattern: parsePointer(path), kind, key: typeof key === 'string' ? [key] : key}));
    this.named = this.#lists.some(({key}) => key !== undefined);
    this.#atomic = new Set((policy.atomic ?? DIGEST_AND_SIZE).map(plainName));
  }

  /** The rule of the list at that path. */
  list(path: readonly string[]): ListRule {
    return this.#lists.find(({pattern}) => fits(pattern, path)) ?? UNDECLARED;
  }

  /** True for an object that carries a digest or a size. */
  isAtomic(value: Json | undefined): boolean {
    return isObject(value) && Object.keys(value).some((name) => this.#isDigestOrSize(name));
  }

  #isDigestOrSize(name: string): boolean {
    const known = this.#seen.get(name) ?? this.#atomic.has(plainName(name));
    this.#seen.set(name, known);
    return known;
  }
}

/** What names an item of a list with these keys: the first that it has; undefined when that is neither a text nor a number. */
export function nameOf(item: Json, key: readonly string[]): string | undefined {
  if (!isObject(item)) return undefined;
  for (const field of key) {
    const name = fieldOf(item, field);
    if (name !== undefined) return typeof name === 'string' || typeof name === 'number' ? String(name) : undefined;
  }
  return undefined;
}

/** The names of three objects, each once: those of the first, then what the others have beside it. */
export function namesOf(first: JsonObject, second: JsonObject, third: JsonObject): string[] {
  const names = Object.keys(first);
  for (const name of Object.keys(second)) if (!Object.hasOwn(first, name)) names.push(name);
  for (const name of Object.keys(third)) if (!Object.hasOwn(first, name) && !Object.hasOwn(second, name)) names.push(name);
  return names;
}

function plainName(name: string): string {
  return name.replace(/[-_]/g, '').toLowerCase();
}

/** Matching with `**`: the last one met may take one name more whenever the rest doesn't fit. */
function fits(pattern: readonly string[], path: readonly string[]): boolean {
  const last = pattern.at(-1);
  if (last !== undefined && last !== '*' && last !== '**' && last !== path.at(-1)) return false;
  let [at, place] = [0, 0];
  let [retryAt, retryPlace] = [-1, 0];
  while (place < path.length) {
    if (pattern[at] === '**') {
      [retryAt, retryPlace] = [at++, place];
    } else if (at < pattern.length && (pattern[at] === '*' || pattern[at] === path[place])) {
      at++;
      place++;
    } else if (retryAt >= 0) {
      at = retryAt + 1;
      place = ++retryPlace;
    } else {
      return false;
    }
  }
  while (pattern[at] === '**') at++;
  return at === pattern.length;
}
