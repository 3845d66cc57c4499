import {SystemClock, type Clock} from '../../core/clock.js';
import {misuse, onlyKeys, wholeNumber} from '../../core/options.js';
import type {SecretBox} from '../contract.js';
import {CentralGate, type CentralGateOptions} from '../layers/central-gate.js';
import type {Registry} from '../registry/registry.js';
import {SiteDefaults, type DefaultsFor} from '../site-defaults.js';
import type {CentralStore, LocalStore} from '../store-contract.js';
import type {LayerName, UpkeepRow} from '../upkeep-contract.js';
import {CentralProof} from './central-proof.js';
import type {CleanupReport, CleanupRequest, CleanupRun, UndoReport} from './cleanup-contract.js';
import {CleanupOrders} from './cleanup-orders.js';
import {CleanupTally} from './cleanup-tally.js';
import {CleanupUndo} from './cleanup-undo.js';
import {CleanupWalk} from './cleanup-walk.js';
import {KeptValues} from './kept-values.js';

/** What a cleanup works on; as `PreferencesOptions`. The stores stay open. */
export interface PreferenceCleanupOptions {
  readonly registry: Registry;
  readonly local: LocalStore;
  /** @default `local`, if it is a CentralStore too */
  readonly central?: CentralStore | undefined;
  readonly defaults?: DefaultsFor | undefined;
  /** Seals private values in the log; without one, those that were to be put back stay where they are. @default none */
  readonly box?: SecretBox | undefined;
  /** How long a central store of its own is waited for. */
  readonly gate?: CentralGateOptions | undefined;
  /** @default the machine's */
  readonly clock?: Clock | undefined;
  /** From 0 to 1, 1 excluded; for the names of runs. @default Math.random */
  readonly random?: (() => number) | undefined;
}

const KEYS = ['registry', 'local', 'central', 'defaults', 'box', 'gate', 'clock', 'random'];
/** How often the rows of a deleted owner are looked for again, when somebody writes them meanwhile. */
const TRIES = 3;

/**
 * Removes rows that have no effect any more, or nobody to have it for. What is in force for anybody who is still there is the
 * same before and after, but for settings that nobody declares and owners who are inactive, where a request asks for these.
 *
 * Rows are judged by what the primary of the central store says at that moment. When it can't be asked, or takes no writes,
 * nothing is removed any more, and the outcome is `incomplete`. A row that somebody writes meanwhile, or a global value that is
 * made or taken back meanwhile, wins. Each removal is logged in the transaction that makes it.
 */
export class PreferenceCleanup {
  readonly #registry: Registry;
  readonly #local: LocalStore;
  readonly #central: CentralStore;
  readonly #defaults: SiteDefaults;
  readonly #gate: CentralGate | undefined;
  readonly #kept: KeptValues;
  readonly #clock: Clock;
  readonly #random: () => number;

  /** @throws TypeError, RangeError naming the option */
  constructor(options: PreferenceCleanupOptions) {
    onlyKeys('preferenceCleanup', options, KEYS);
    this.#registry = options.registry;
    this.#local = options.local;
    this.#central = options.central ?? options.local as unknown as CentralStore;
    if (typeof this.#central.globals !== 'function') throw misuse('preferenceCleanup.central', this.#central, 'a CentralStore');
    this.#defaults = new SiteDefaults(options.registry, options.defaults);
    this.#clock = options.clock ?? new SystemClock();
    this.#gate = (this.#central as unknown) === this.#local ? undefined : new CentralGate(this.#clock, options.gate);
    this.#kept = new KeptValues(options.registry, options.box);
    this.#random = options.random ?? Math.random;
  }

  /**
   * Looks at every row, in batches. A dry run writes nothing, no marks either.
   * @throws TypeError, RangeError naming the option; UnknownSetting, InvalidName; LocalReadOnly, StoreFault of the local store
   */
  async run(request: CleanupRequest = {}): Promise<CleanupReport> {
    const orders = new CleanupOrders(request, this.#registry);
    const [now, tally, proof] = [this.#clock.time(), new CleanupTally(), new CentralProof(this.#central, this.#gate)];
    const run = runName(now, this.#random());
    const walk = new CleanupWalk({
      run, now, orders, registry: this.#registry, local: this.#local, proof, identity: (layer) => this.#identity(layer), kept: this.#kept,
      defaults: this.#defaults, tally,
    });
    await proof.globals([]);
    if (orders.has('deleted-owner')) await this.#forgetOwners(orders, walk, proof);
    await this.#walk('local', orders, walk, proof);
    if (proof.reason === undefined) await this.#walk('global', orders, walk, proof);
    return tally.report(run, orders.apply, proof.reason ?? (orders.signal?.aborted === true ? 'it was stopped' : undefined));
  }

  /** Puts back what a run removed, unless it was written since. @throws RangeError for a run that the log doesn't know; StoreFault */
  async undo(run: string): Promise<UndoReport> {
    const undo = new CleanupUndo({run, kept: this.#kept, time: this.#clock.time()});
    await undo.layer('global', this.#central.upkeep, () => this.#identity('global'));
    await undo.layer('local', this.#local.upkeep, () => this.#identity('local'));
    return undo.report();
  }

  /** The runs that the log knows, the newest first. @param most How many at most; default 20. @throws StoreFault */
  async runs(most = 20): Promise<CleanupRun[]> {
    wholeNumber('most', most, 1);
    const found = new Map<string, number>();
    for (const {run, time} of [...await this.#central.upkeep.runs('global', most), ...await this.#local.upkeep.runs('local', most)]) {
      found.set(run, time);
    }
    return [...found].map(([run, time]) => ({run, time})).sort((a, b) => a.run < b.run ? 1 : -1).slice(0, most);
  }

  /** Empties the log of runs that began before a moment (epoch ms); they can't be undone any more. How many rows. @throws StoreFault */
  async forget(before: number): Promise<number> {
    let rows = 0;
    for (const [layer, {upkeep}] of [['global', this.#central], ['local', this.#local]] as const) {
      for (const {run, time} of await upkeep.runs(layer, Number.MAX_SAFE_INTEGER)) {
        if (time < before) rows += await upkeep.forgetRun(layer, run);
      }
    }
    return rows;
  }

  /** Secrets before all else, then snapshots, which hold secrets too. */
  async #forgetOwners(orders: CleanupOrders, walk: CleanupWalk, proof: CentralProof): Promise<void> {
    const isSecret = ({setting}: UpkeepRow): boolean => this.#registry.find(setting)?.exposure === 'secret';
    for (const chosen of [isSecret, (row: UpkeepRow): boolean => !isSecret(row)]) {
      for (const owner of orders.deletedOwners) {
        for (const layer of ['local', 'global'] as const) {
          for (let n = 0; n < TRIES && proof.reason === undefined && orders.signal?.aborted !== true; n++) {
            const rows = (layer === 'local' ? await this.#local.upkeep.rowsOf(layer, owner)
              : await proof.ask((upkeep) => upkeep.rowsOf(layer, owner)))?.filter(chosen) ?? [];
            for (let at = 0; at < rows.length; at += orders.batch) await walk.batch(layer, rows.slice(at, at + orders.batch));
            if (rows.length === 0 || !orders.apply) break;
          }
        }
        if (orders.apply && proof.reason === undefined) await this.#local.upkeep.forgetSnapshots(owner);
      }
    }
  }

  async #walk(layer: LayerName, orders: CleanupOrders, walk: CleanupWalk, proof: CentralProof): Promise<void> {
    for (let after: string | undefined; orders.signal?.aborted !== true;) {
      const from = after;
      const page = layer === 'local' ? await this.#local.upkeep.page(layer, from, orders.batch)
        : await proof.ask((upkeep) => upkeep.page(layer, from, orders.batch));
      if (page === undefined) return;
      // They were dealt with before all others, and a dry run must not count them twice.
      const rows = orders.has('deleted-owner') ? page.rows.filter(({owner}) => !orders.deletedOwners.has(owner)) : page.rows;
      if (rows.length > 0) await walk.batch(layer, rows);
      after = page.next;
      if (after === undefined) return;
    }
  }

  #identity(layer: LayerName): Promise<string> {
    return layer === 'local' ? this.#local.identity() : this.#central.identity();
  }
}

/** `20260131-235959-k3x9`: the time in UTC, so that names sort by it, and a few letters of chance. */
function runName(now: number, random: number): string {
  const digits = new Date(now).toISOString().replace(/\.\d+Z$/, '').replace(/[-:]/g, '').replace('T', '-');
  return `${digits}-${Math.floor(random * 36 ** 4).toString(36).padStart(4, '0')}`;
}
