import {resolve} from 'node:path';
import {misuse} from '../../core/options.js';
import {Secret} from '../../core/secret.js';
import {InvalidValue} from '../../preferences/preferences-errors.js';
import type {Setting} from '../../preferences/registry/setting.js';
import {askTerminal} from '../password.js';
import {Interruption} from '../interruption.js';

/** From where a value is, as it was typed. */
export interface ValueFlags {
  readonly fromEnv?: string | undefined;
  readonly fromFile?: string | undefined;
}

/** Options that are the path of a file: kept absolute, so that they mean the same file in every folder. */
const PATHS: readonly (string | undefined)[] = ['ssl.caCertificate', 'ssl.clientCertificate'];
/** The longest line on stdin, characters. */
const LONGEST = 65_536;

/**
 * The value that words on the command line mean: JSON, or a text as it is; of a list each word is an entry. Secrets are never
 * words: they are referred to, read from stdin, or asked for.
 *
 * @throws TypeError, showing nothing of a secret
 */
export async function givenValue(setting: Setting, words: readonly string[], flags: ValueFlags): Promise<unknown> {
  if (setting.exposure === 'secret') return secretValue(setting, words, flags);
  if (flags.fromEnv !== undefined || flags.fromFile !== undefined) {
    throw new TypeError(`--from-env, --from-file: expected a setting that is a secret, got ${setting.name}`);
  }
  const [first] = words;
  if (first === undefined) throw new TypeError(`VALUE: expected a value for ${setting.name}, got none`);
  const takes = (value: unknown): boolean => setting.type.safeParse(value).success;
  const read = jsonOf(first);
  if (words.length === 1 && read !== undefined && takes(read)) return read;
  if (takes([])) return words;
  if (words.length > 1) throw new TypeError(`VALUE: expected one value for ${setting.name}, got ${words.length}`);
  if (PATHS.includes(setting.option) && first !== '') return resolve(first);
  const value = first === '' || takes(first) || read === undefined ? first : read;
  const kind = kindOf(setting);
  if (kind !== undefined && typeof value === 'string' && !takes(value)) {
    throw new InvalidValue(`${setting.name}: expected ${kind}, got another text`, setting.name);
  }
  return value;
}

/** What a value has to look like, in words; undefined: its schema says it well. */
function kindOf({type, summary, default: usual}: Setting): string | undefined {
  if (type.safeParse(true).success) return 'true or false';
  if (!type.safeParse(1).success) return undefined;
  if (/\bms\b/.test(summary)) return 'milliseconds, such as 5000';
  const bytes = /\bbytes( a second)?/i.exec(summary);
  return bytes === null ? `a number, such as ${usual}` : `${bytes[0].toLowerCase()}, such as 1048576`;
}

/** What is stored of a secret, or the secret itself to be sealed. */
async function secretValue(setting: Setting, words: readonly string[], {fromEnv, fromFile}: ValueFlags): Promise<unknown> {
  const {name} = setting;
  if (fromEnv !== undefined && fromFile !== undefined) throw new TypeError('--from-env: expected no --from-file beside it, got both');
  if (setting.type.safeParse({}).success) return headersOf(words);
  if (words.length > 0) {
    throw new TypeError(`VALUE: expected none for the secret ${name}, since the command line can be seen by others: `
      + '--from-env, --from-file, or stdin');
  }
  if (fromEnv !== undefined) return referenceOf('--from-env', 'env', fromEnv);
  if (fromFile !== undefined) return referenceOf('--from-file', 'file', fromFile);
  const text = process.stdin.isTTY ? await asked(name) : await firstLine();
  if (text === '') throw new TypeError(`${name}: expected the secret on stdin, or --from-env or --from-file; got nothing`);
  return new Secret(text);
}

/** `x-client=env:NAME` and `x-client=file:PATH` words. */
function headersOf(words: readonly string[]): object {
  if (words.length === 0) throw new TypeError('VALUE: expected headers such as x-client=env:NAME or x-client=file:PATH, got none');
  return Object.fromEntries(words.map((word) => {
    const [, header, kind, where] = /^([^=:\s]+)=(env|file):(.+)$/s.exec(word) ?? [];
    // What stands there may be the secret itself.
    if (header === undefined || where === undefined) {
      throw new TypeError('VALUE: expected headers such as x-client=env:NAME or x-client=file:PATH, got something else');
    }
    return [header.toLowerCase(), referenceOf('VALUE', kind as 'env' | 'file', where)];
  }));
}

function referenceOf(flag: string, kind: 'env' | 'file', where: string): object {
  if (kind === 'file') {
    if (where === '') throw misuse(flag, where, 'a file');
    return {file: resolve(where)};
  }
  // Somebody may have given the secret in place of the variable.
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(where)) throw new TypeError(`${flag}: expected the name of a variable, got something else`);
  return {env: where};
}

async function asked(name: string): Promise<string> {
  const interruption = new Interruption();
  try {
    return await askTerminal(`${name}: `, interruption.signal);
  } finally {
    interruption.release();
  }
}

async function firstLine(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk as string;
    if (text.includes('\n') || text.length > LONGEST) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? '';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
