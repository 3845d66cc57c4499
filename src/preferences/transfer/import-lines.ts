import type {Registry} from '../registry/registry.js';
import type {Setting} from '../registry/setting.js';
import {checkKey} from '../registry/setting-name.js';
import {z} from '../registry/zod.js';
import {SettingRefused} from '../preferences-errors.js';
import type {ImportRequest} from './transfer-contract.js';

/** What one line says, checked. */
export interface ImportItem {
  readonly scope: string | undefined;
  readonly owner: string;
  readonly setting: Setting;
  /** Canonical JSON; undefined: the line tells none. */
  readonly value: string | undefined;
  /** X; undefined: the line doesn't tell. */
  readonly exception: boolean | undefined;
}

/** Why a line is not taken. */
export class Refused {
  readonly reason: string;
  readonly setting: string | undefined;

  constructor(reason: string, setting?: string) {
    this.reason = reason;
    this.setting = setting;
  }
}

const SUFFIX = '-local-exception';
const HEADER = z.object({jupiter: z.literal(1), kind: z.literal('preferences')});
const OWN = z.strictObject({
  layer: z.enum(['local', 'global']), scope: z.string().optional(), owner: z.string(), setting: z.string(), value: z.unknown().optional(),
  exception: z.literal(true).optional(),
});
const NAIVE = z.strictObject({scope: z.string().nullish(), owner: z.string(), name: z.string(), value: z.unknown().optional()});

/** Reads lines of either form. What it says about a line shows nothing of it but the name of a declared setting. */
export class ImportLines {
  readonly #registry: Registry;
  readonly #form: NonNullable<ImportRequest['form']>;
  readonly #owners: ReadonlyMap<string, string> | undefined;

  /** @param owners What pseudonyms stand for; undefined: owners are told themselves. */
  constructor(registry: Registry, form: NonNullable<ImportRequest['form']>, owners: ReadonlyMap<string, string> | undefined) {
    this.#registry = registry;
    this.#form = form;
    this.#owners = owners;
  }

  /** Whether it is the first line of an export. */
  static isHeader(line: string): boolean {
    return HEADER.safeParse(parsed(line)).success;
  }

  /** One line. */
  read(line: string): ImportItem | Refused {
    const json = parsed(line);
    if (json === undefined) return new Refused('expected a line of JSON');
    return this.#form === 'own' ? this.#own(json) : this.#naive(json);
  }

  #own(json: unknown): ImportItem | Refused {
    const row = OWN.safeParse(json).data;
    if (row === undefined) return new Refused('expected {layer, scope, owner, setting, value, exception}');
    if ((row.layer === 'local') !== (row.scope !== undefined)) return new Refused('expected a scope in a local row, and none in a global one');
    return this.#item({...row, exception: row.exception ?? (row.layer === 'local' ? false : undefined), fromText: false});
  }

  /** An exception is a row of its own there, beside that of the value: `retry.count-local-exception`. */
  #naive(json: unknown): ImportItem | Refused {
    const row = NAIVE.safeParse(json).data;
    if (row === undefined) return new Refused('expected {scope, owner, name, value}');
    const [scope, owner] = [row.scope ?? undefined, row.owner];
    if (!row.name.endsWith(SUFFIX)) return this.#item({scope, owner, setting: row.name, value: row.value, exception: undefined, fromText: true});
    const setting = row.name.slice(0, -SUFFIX.length);
    if (scope === undefined) return new Refused('expected a scope beside an exception', this.#registry.find(setting)?.name);
    const isSet = !FALSE.includes(row.value) && row.value !== undefined;
    return this.#item({scope, owner, setting, value: undefined, exception: isSet, fromText: true});
  }

  #item({scope, owner: told, setting: name, value, exception, fromText}: {scope?: string | undefined; owner: string; setting: string;
    value?: unknown; exception: boolean | undefined; fromText: boolean}): ImportItem | Refused {
    const setting = this.#registry.find(name);
    if (setting === undefined) return new Refused('no setting of this name is declared');
    const owner = this.#owners === undefined ? told : this.#owners.get(told);
    if (owner === undefined) return new Refused('the pseudonym stands for none of the owners', name);
    if (!isKey('owner', owner) || (scope !== undefined && !isKey('scope', scope))) {
      return new Refused('expected an owner and a scope of 1 to 255 bytes without control characters', name);
    }
    if (!setting.globalisable && (scope === undefined || exception === true)) {
      return new Refused('it has no global value and no exceptions', name);
    }
    if (value === undefined) return {scope, owner, setting, value: undefined, exception};
    if (setting.exposure === 'secret') return new Refused('secrets are not imported: set them', name);
    const text = textOf(setting, value, fromText);
    return text instanceof Refused ? text : {scope, owner, setting, value: text, exception};
  }
}

const FALSE: readonly unknown[] = [null, false, 0, '', '0', 'false'];
const TRUE: readonly unknown[] = ['1', 'true'];

/** In the naive layout everything is a text: `"4"` is 4, `"1"` is true, where the setting takes no text. */
function textOf(setting: Setting, value: unknown, fromText: boolean): string | Refused {
  const readings = [value];
  if (fromText && typeof value === 'string') {
    const json = parsed(value);
    if (json !== undefined) readings.push(json);
    if (TRUE.includes(value)) readings.push(true);
    if (FALSE.includes(value)) readings.push(false);
  }
  for (const reading of readings) {
    try {
      return setting.encode(reading);
    } catch (error) {
      if (!(error instanceof SettingRefused)) throw error;
      if (error.code !== 'INVALID_VALUE') return new Refused('a secret would be kept where it can be read', setting.name);
    }
  }
  return new Refused('not a value that it takes', setting.name);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isKey(kind: 'owner' | 'scope', text: string): boolean {
  try {
    checkKey(kind, text);
    return true;
  } catch {
    return false;
  }
}
