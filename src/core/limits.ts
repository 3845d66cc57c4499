import {misuse, onlyKeys, outOfRange, wholeNumber} from './options.js';

/** How much at once, and how long an origin (scheme + host + port) is waited for. A Context's governor keeps to it. */
export interface Limits {
  /** Transfers at once, in all. @default 8 */
  readonly total: number;
  /** Transfers at once to one origin; less for a while when it asks for patience. @default 6, or `total` if that is less */
  readonly perOrigin: number;
  /** Transfers begun in a second at one origin, evenly spaced; fractions will do; 0 means no limit. @default 0 */
  readonly requestsPerSecond?: number | undefined;
  /** Bytes a second, over everything that shares the Context; 0 means no limit. @default 0 */
  readonly bandwidth?: number | undefined;
  /** The longest that an origin which asked for patience is waited for, ms; above it the wait fails at once. @default 120_000 */
  readonly maxWait?: number | undefined;
  /** How long an origin may be silent, ms, before those who wait for it fail instead. @default 120_000 */
  readonly maxOutage?: number | undefined;
  /** Transfers in a row without any reply after which an origin counts as silent; 0 means never. @default 5 */
  readonly outageFaults?: number | undefined;
}

type Check = (option: string, value: unknown) => number;

const count: Check = (option, value) => wholeNumber(option, value, 1);
const countOrNone: Check = (option, value) => wholeNumber(option, value, 0);
const amount: Check = (option, value) => {
  if (typeof value !== 'number' || Number.isNaN(value)) throw misuse(option, value, 'a number of at least 0');
  if (value < 0) throw outOfRange(option, value, 'a number of at least 0');
  return value;
};

const CHECKS: Readonly<Record<keyof Limits, Check>> = {
  total: count, perOrigin: count, requestsPerSecond: amount, bandwidth: countOrNone, maxWait: amount, maxOutage: amount,
  outageFaults: countOrNone,
};

/** Checks what was given; what was not stays out. @throws TypeError, RangeError naming the option */
export function checkLimits(group: string, given: Partial<Limits>): Partial<Limits> {
  onlyKeys(group, given, Object.keys(CHECKS));
  const entries = (Object.entries(given) as [keyof Limits, unknown][]).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, CHECKS[key](`limits.${key}`, value)]));
}
