import {misuse, onlyKeys} from '../../core/options.js';
import {parsePointer} from './json-pointer.js';

/** How the lists at some place of a document are merged. */
export interface ListPolicy {
  /**
   * Which lists: a JSON Pointer in which `*` stands for any one name and `**` for any number of names, none included
   * (`/**\/partials`). Items of a list with a key are named by it, other items by their index.
   */
  readonly path: string;
  /**
   * `append`: combined while every item of the ancestor stays as it is on both sides. `keyed`: three-way, item by item.
   * `replace`: one value as a whole.
   */
  readonly kind: 'append' | 'keyed' | 'replace';
  /**
   * The field that names an item, a text or a number that is unique in its list; of several the first that the item has.
   * Needed for `keyed`; without it the items of an `append` list are compared as a whole. Not for `replace`.
   */
  readonly key?: string | readonly string[] | undefined;
}

/** What a merge must know about a document beyond JSON. */
export interface MergePolicy {
  /** The first that fits counts; lists that none fits are `append` without a key. @default FACT_LISTS */
  readonly lists?: readonly ListPolicy[] | undefined;
  /**
   * Names of the fields that make their object atomic: never mixed from two sides, so that a size can't meet the digest of
   * another file. Upper and lower case, `-` and `_` make no difference. @default DIGEST_AND_SIZE
   */
  readonly atomic?: readonly string[] | undefined;
}

/** The lists of artifact facts, as in a classic release: append-only, named by `key` or `from`. */
export const FACT_LISTS: readonly ListPolicy[] = Object.freeze([
  {path: '/**/partials', kind: 'append', key: ['key', 'from']},
  {path: '/**/completes', kind: 'append', key: ['key', 'from']},
  {path: '/**/facts', kind: 'append', key: ['key', 'from']},
] as const);

/** The usual names of a digest or a size. */
export const DIGEST_AND_SIZE: readonly string[] = Object.freeze([
  'digest', 'digests', 'hash', 'hashes', 'hashValue', 'checksum', 'checksums', 'integrity', 'shasum',
  'md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'size', 'fileSize',
]);

const KINDS = ['append', 'keyed', 'replace'] as const;

/** Refuses a policy that can't be meant, naming the option. @throws TypeError */
export function checkMergePolicy(policy: MergePolicy): void {
  onlyKeys('policy', policy, ['lists', 'atomic']);
  eachOf('lists', policy.lists, checkListPolicy);
  eachOf('atomic', policy.atomic, checkName);
}

function checkListPolicy(option: string, list: ListPolicy): void {
  onlyKeys(option, list, ['path', 'kind', 'key']);
  if (!isPointer(list.path)) throw misuse(`${option}.path`, list.path, 'a JSON Pointer, in which * and ** stand for names');
  if (!KINDS.includes(list.kind)) throw misuse(`${option}.kind`, list.kind, `one of ${KINDS.join(', ')}`);
  if (list.kind === 'keyed' && list.key === undefined) {
    throw misuse(`${option}.key`, list.key, 'the field that names an item of a keyed list');
  }
  if (list.kind === 'replace' && list.key !== undefined) {
    throw misuse(`${option}.key`, list.key, 'nothing, as the list is replaced as a whole');
  }
  if (list.key === undefined || typeof list.key === 'string') {
    if (list.key === '') checkName(`${option}.key`, list.key);
  } else {
    eachOf(`${option}.key`, list.key, checkName);
    if (list.key.length === 0) throw misuse(`${option}.key`, list.key, 'at least one name');
  }
}

function checkName(option: string, name: unknown): void {
  if (typeof name !== 'string' || name === '') throw misuse(option, name, 'a name');
}

function eachOf<T>(option: string, list: readonly T[] | undefined, check: (option: string, item: T) => void): void {
  if (list === undefined) return;
  if (!Array.isArray(list)) throw misuse(option, list, 'a list');
  for (const [index, item] of (list as readonly T[]).entries()) check(`${option}[${index}]`, item);
}

function isPointer(path: unknown): boolean {
  try {
    return typeof path === 'string' && parsePointer(path).length >= 0;
  } catch {
    return false;
  }
}
