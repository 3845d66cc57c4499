import {downloadRegistry} from '../../src/preferences/registry/download-registry.js';
import type {GlobalChange, LocalChange} from '../../src/preferences/store-contract.js';
import {SeededRandom} from '../support/seeded-random.js';

/** Where the overrides are. */
export const SCOPE = 'registry.example';
/** Global values that each owner has. */
const PER_OWNER = 10;

/** What the owners set. */
const VALUES: readonly (readonly [string, string])[] = [
  ['timeout.connect', '10000'], ['timeout.headers', '20000'], ['timeout.read', '15000'], ['timeout.slow.rate', '2048'],
  ['retry.count', '2'], ['retry.cap', '60000'], ['redirects', '5'], ['size.max', '1073741824'], ['bandwidth', '1048576'],
  ['limits.total', '16'], ['limits.origin', '4'], ['batch.backlog', '32'], ['segments', '8'], ['file.exists', '"skip"'],
  ['file.durability', '"file"'], ['proxy.url', '"http://gateway.example:3128"'], ['proxy.bypass', '["localhost","internal.example"]'],
  ['tls.verify', 'true'], ['auth.user', '"elmer"'], ['digests', '["sha256","sha512"]'],
];

/** Rows that are the same for every layout and engine: ten global values of each owner, and an override of one of them. */
export class PreferenceRows {
  readonly count: number;
  readonly owners: number;
  readonly #seed: number;

  /** @param count Global rows. */
  constructor(count: number, seed: number) {
    const registry = downloadRegistry();
    const wrong = VALUES.find(([name, text]) => registry.get(name).decode(text) === undefined);
    if (wrong !== undefined) throw new Error(`${wrong[0]}: ${wrong[1]} is no value of it`);
    this.count = count;
    this.owners = Math.ceil(count / PER_OWNER);
    this.#seed = seed;
  }

  owner(number: number): string {
    return `account-${String(number).padStart(7, '0')}`;
  }

  /** Every global row once, in an order in which no two of an owner are neighbours but by chance. */
  * globals(size: number): Iterable<GlobalChange[]> {
    for (const numbers of portions(shuffled(this.count, this.#seed), size)) {
      yield Array.from(numbers, (number) => {
        const owner = Math.floor(number / PER_OWNER);
        return {owner: this.owner(owner), ...valueOf(owner + number % PER_OWNER)};
      });
    }
  }

  /** An L with X for each owner. */
  * overrides(size: number): Iterable<(LocalChange & {value: string})[]> {
    for (const numbers of portions(shuffled(this.owners, this.#seed + 1), size)) {
      yield Array.from(numbers, (owner) => ({scope: SCOPE, owner: this.owner(owner), ...valueOf(owner), exception: true}));
    }
  }
}

function valueOf(at: number): {setting: string; value: string} {
  const [setting, value] = VALUES[at % VALUES.length] ?? ['', ''];
  return {setting, value};
}

function* portions(numbers: Uint32Array, size: number): Iterable<Uint32Array> {
  for (let at = 0; at < numbers.length; at += size) yield numbers.subarray(at, at + size);
}

/** The numbers below a count, as Fisher and Yates mix them. */
function shuffled(count: number, seed: number): Uint32Array {
  const random = new SeededRandom(seed);
  const numbers = Uint32Array.from({length: count}, (_, at) => at);
  for (let at = count - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [numbers[at], numbers[other]] = [numbers[other] as number, numbers[at] as number];
  }
  return numbers;
}
