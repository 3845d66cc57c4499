import {readFileSync, statSync} from 'node:fs';
import {messageOf} from '../../core/foreign-error.js';
import type {Environment} from '../proxy-environment.js';

/** Keys that seal secrets. */
export interface SecretKeys {
  readonly keys: Readonly<Record<string, Uint8Array>>;
  /** The id of the one that seals. */
  readonly current: string;
}

/** The keys of `--key-file`, else of JUPITER_PREFS_KEYS; undefined: none are named. @throws TypeError, never with what the file says */
export function keysOf(flag: string | undefined, {JUPITER_PREFS_KEYS: variable}: Environment): SecretKeys | undefined {
  if (flag !== undefined) return readKeys('--key-file', flag);
  return variable === undefined || variable === '' ? undefined : readKeys('JUPITER_PREFS_KEYS', variable);
}

/** The keys of a file, a line `id hex` each; the first one seals. The file must be ours alone. @throws TypeError, as above */
export function readKeys(option: string, path: string): SecretKeys {
  let text: string;
  try {
    const {uid, mode} = statSync(path);
    const own = process.getuid?.() ?? -1;
    if (own >= 0 && uid !== own && uid !== 0) throw new Error('it belongs to another user');
    if (own >= 0 && (mode & 0o077) !== 0) throw new Error(`others may read it (mode ${(mode & 0o777).toString(8)}); chmod 600 helps`);
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TypeError(`${option}: expected a readable file of mode 600, ${path} is none: ${messageOf(cause)}`, {cause});
  }
  const entries = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')).map(keyOf);
  const [first] = entries;
  if (first === undefined || entries.includes(undefined)) {
    throw new TypeError(`${option}: expected lines of an id (letters, digits, _) and 64 hex digits, got something else`);
  }
  const keys = new Map(entries as Entry[]);
  // One of the two would be forgotten, and with it what it sealed.
  if (keys.size < entries.length) throw new TypeError(`${option}: expected each id once; a new key needs a new id`);
  return {keys: Object.fromEntries(keys), current: first[0]};
}

type Entry = readonly [id: string, key: Uint8Array];

function keyOf(line: string): Entry | undefined {
  const [, id, hex] = /^([A-Za-z0-9_]{1,64})\s+([0-9a-f]{64})$/i.exec(line) ?? [];
  return id === undefined || hex === undefined ? undefined : [id, Buffer.from(hex, 'hex')];
}
