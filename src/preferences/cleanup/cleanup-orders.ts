import {misuse, onlyKeys, wholeNumber} from '../../core/options.js';
import type {Registry} from '../registry/registry.js';
import {checkKey} from '../registry/setting-name.js';
import {CLEANUP_ASKED_RULES, CLEANUP_RULES, type CleanupRequest, type CleanupRule, type Known} from './cleanup-contract.js';

const DAY = 86_400_000;
const AGES = {default: 90 * DAY, dormant: 182 * DAY, shadowed: 182 * DAY, orphan: DAY};
const KEYS = ['apply', 'rules', 'deletedScopes', 'deletedOwners', 'knownScopes', 'knownOwners', 'inactiveOwners', 'named', 'ages', 'batch',
  'signal'];

/** A request, checked, with every default filled in. */
export class CleanupOrders {
  readonly apply: boolean;
  readonly ages: Readonly<typeof AGES>;
  readonly batch: number;
  readonly deletedScopes: ReadonlySet<string>;
  readonly deletedOwners: ReadonlySet<string>;
  readonly knownScopes: Known | undefined;
  readonly knownOwners: Known | undefined;
  readonly inactiveOwners: Known | undefined;
  readonly signal: AbortSignal | undefined;
  readonly #rules: ReadonlySet<CleanupRule>;
  readonly #registry: Registry;
  readonly #named: ReadonlySet<string>;

  /** @throws TypeError, RangeError naming the option; UnknownSetting, InvalidName */
  constructor(request: CleanupRequest, registry: Registry) {
    onlyKeys('cleanup', request, KEYS);
    const {rules = {}, ages = {}} = request;
    onlyKeys('cleanup.rules', rules, CLEANUP_RULES);
    onlyKeys('cleanup.ages', ages, Object.keys(AGES));
    this.#rules = new Set(CLEANUP_RULES.filter((rule) => rules[rule] ?? !CLEANUP_ASKED_RULES.includes(rule)));
    if (this.#rules.has('inactive-owner') && request.inactiveOwners === undefined) {
      throw misuse('cleanup.inactiveOwners', undefined, 'a function beside the rule inactive-owner');
    }
    this.#registry = registry;
    this.#named = new Set((request.named ?? []).map((name) => registry.get(name).name));
    this.apply = request.apply ?? false;
    this.ages = Object.fromEntries(Object.entries(AGES).map(([name, age]) =>
      [name, wholeNumber(`cleanup.ages.${name}`, ages[name as keyof typeof AGES] ?? age, 0)])) as typeof AGES;
    this.batch = wholeNumber('cleanup.batch', request.batch ?? 500, 1);
    this.deletedScopes = new Set((request.deletedScopes ?? []).map((scope) => checkKey('scope', scope)));
    this.deletedOwners = new Set((request.deletedOwners ?? []).map((owner) => checkKey('owner', owner)));
    this.knownScopes = request.knownScopes;
    this.knownOwners = request.knownOwners;
    this.inactiveOwners = request.inactiveOwners;
    this.signal = request.signal;
  }

  has(rule: CleanupRule): boolean {
    return this.#rules.has(rule);
  }

  /** No rule may touch it, but for a deleted owner's: a plugin's own, or hidden and not named. */
  spares(setting: string): boolean {
    return setting.startsWith('x.') || (this.#registry.find(setting)?.hidden === true && !this.#named.has(setting));
  }
}
