import type {ZodError, ZodType} from 'zod';
import {canonicalJson} from '../../core/canonical-json.js';
import type {Json} from '../../core/json.js';
import {misuse, oneOf, onlyKeys} from '../../core/options.js';
import {InvalidValue, SecretRefused} from '../preferences-errors.js';
import {holdsCredentials} from './url-credentials.js';
import {checkSettingName} from './setting-name.js';
import {z} from './zod.js';

/** Who may see a value: anybody, the owner, nobody. */
export type Exposure = 'public' | 'private' | 'secret';

/** What a setting is declared with. */
export interface SettingOptions {
  /** Lower-case words with dots between; a plugin's own begin with `x.`. */
  readonly name: string;
  /** What values are: a zod schema of JSON values. */
  readonly type: ZodType;
  /** The value when nobody set one. `null` is what settings have that can be off. */
  readonly default: Json;
  /** Public ones may only be booleans, bounded numbers and enumerations. @default 'private' */
  readonly exposure?: Exposure | undefined;
  /** It may have a global value. @default true */
  readonly globalisable?: boolean | undefined;
  /** Without knowing for sure what it is, nothing is downloaded at all. Secret ones always are. @default false */
  readonly protective?: boolean | undefined;
  /** Not shown in lists; kept by cleanups. @default false */
  readonly hidden?: boolean | undefined;
  /** One sentence for people, with the unit. */
  readonly summary: string;
  /** Where a Remote, Context, Batch or writer takes it: `timeout.connect`. */
  readonly option?: string | undefined;
}

/** The longest value, in bytes of canonical JSON. */
export const LONGEST_VALUE = 65_530;

const KEYS = ['name', 'type', 'default', 'exposure', 'globalisable', 'protective', 'hidden', 'summary', 'option'];

/** A declared setting. */
export class Setting {
  readonly name: string;
  readonly type: ZodType;
  /** Canonical JSON. */
  readonly default: string;
  readonly exposure: Exposure;
  readonly globalisable: boolean;
  readonly protective: boolean;
  readonly hidden: boolean;
  readonly summary: string;
  readonly option: string | undefined;

  /** @throws TypeError, InvalidName, InvalidValue when the declaration is no good */
  constructor(options: SettingOptions) {
    onlyKeys('setting', options, KEYS);
    this.name = checkSettingName(options.name);
    if (!(options.type instanceof z.ZodType)) throw misuse(`${this.name}.type`, options.type, 'a zod schema');
    this.type = options.type;
    this.exposure = oneOf(`${this.name}.exposure`, options.exposure, ['public', 'private', 'secret'], 'private');
    if (this.exposure === 'public' && !mayBePublic(this.type)) {
      throw new TypeError(`${this.name}.exposure: expected private or secret: only booleans, bounded numbers, enumerations may be public`);
    }
    this.globalisable = options.globalisable ?? true;
    this.protective = this.exposure === 'secret' || (options.protective ?? false);
    this.hidden = options.hidden ?? false;
    this.summary = options.summary;
    this.option = options.option;
    this.default = this.encode(options.default);
    Object.freeze(this);
  }

  /**
   * The canonical JSON of a value, checked.
   * @throws InvalidValue, SecretRefused for credentials inside a URL
   */
  encode(value: unknown): string {
    const parsed = this.#parse(value);
    if (!parsed.success) {
      // What zod says of a secret could tell something about it.
      const issues = this.exposure === 'secret' || parsed.error === undefined ? 'not a value that it takes' : issuesOf(parsed.error);
      throw new InvalidValue(`${this.name}: ${issues}`, this.name);
    }
    const text = this.#textOf(parsed.data);
    if (holdsCredentials(parsed.data)) {
      throw new SecretRefused(`${this.name}: expected a URL without a name and password; they have settings of their own`, this.name);
    }
    const bytes = Buffer.byteLength(text);
    if (bytes <= LONGEST_VALUE) return text;
    throw new InvalidValue(`${this.name}: expected at most ${LONGEST_VALUE} bytes of JSON, got ${bytes}`, this.name);
  }

  /** A stored value; undefined when it is none that the setting takes. */
  decode(text: string): {readonly value: Json} | undefined {
    try {
      const parsed = this.type.safeParse(JSON.parse(text));
      return parsed.success ? {value: parsed.data as Json} : undefined;
    } catch {
      return undefined;
    }
  }

  /** A refinement that throws refuses; what it says may show the value. */
  #parse(value: unknown): {success: true; data: unknown} | {success: false; error?: ZodError} {
    try {
      return this.type.safeParse(value);
    } catch {
      return {success: false};
    }
  }

  #textOf(value: unknown): string {
    try {
      return canonicalJson(value);
    } catch (error) {
      throw new InvalidValue(`${this.name}: expected a JSON value`, this.name, {cause: error});
    }
  }
}

/** The places and what was expected there, never the value. */
function issuesOf(error: ZodError): string {
  return error.issues.slice(0, 3).map(({code, path, message}) => {
    const expected = code === 'unrecognized_keys' ? 'expected no other keys' : message;
    return path.length === 0 ? expected : `at ${path.map(String).join('.')}: ${expected}`;
  }).join('; ');
}

/** A few values, all known beforehand: nothing that somebody wrote can be in it. `null` beside them says no more. */
function mayBePublic(type: ZodType): boolean {
  if (type instanceof z.ZodNullable) return mayBePublic(type.unwrap() as ZodType);
  if (type instanceof z.ZodNumber) return Number.isFinite(type.minValue ?? NaN) && Number.isFinite(type.maxValue ?? NaN);
  return type instanceof z.ZodBoolean || type instanceof z.ZodEnum;
}
