import type {SiteDefaults} from '../site-defaults.js';
import type {Registry} from '../registry/registry.js';
import type {LocalStore} from '../store-contract.js';
import type {LayerName, Removal, StoreUpkeep, Sweep, UpkeepRow} from '../upkeep-contract.js';
import type {CentralProof} from './central-proof.js';
import type {CleanupRule, Known} from './cleanup-contract.js';
import {CleanupJudge, type Judgement} from './cleanup-judge.js';
import type {CleanupOrders} from './cleanup-orders.js';
import type {CleanupTally} from './cleanup-tally.js';
import {DefaultHistory} from './default-history.js';
import type {KeptValues} from './kept-values.js';

/** What a walk works with. */
export interface CleanupWalkOptions {
  readonly run: string;
  /** Epoch ms, one for the whole run. */
  readonly now: number;
  readonly orders: CleanupOrders;
  readonly registry: Registry;
  readonly local: LocalStore;
  readonly proof: CentralProof;
  /** Of the store of a layer. */
  readonly identity: (layer: LayerName) => Promise<string>;
  readonly kept: KeptValues;
  readonly defaults: SiteDefaults;
  readonly tally: CleanupTally;
}

interface Judged {
  readonly row: UpkeepRow;
  readonly judgement: Judgement;
  readonly removal: Removal;
}

/** Those whose effect depends on whether there is a global value at that very moment. */
const ON_GLOBALS: readonly CleanupRule[] = ['dormant-exception', 'shadowed'];
/** Those of which what was theirs goes, even where it can't be put back. */
const ERASING: readonly CleanupRule[] = ['deleted-remote', 'deleted-owner', 'orphan', 'inactive-owner'];

/** Judges rows batch by batch, and removes what was judged in one transaction each. */
export class CleanupWalk {
  readonly #is: CleanupWalkOptions;
  readonly #judge: CleanupJudge;
  readonly #history: DefaultHistory;

  constructor(options: CleanupWalkOptions) {
    this.#is = options;
    this.#judge = new CleanupJudge(options.orders, options.registry);
    this.#history = new DefaultHistory(options.local.upkeep, options.registry, options.defaults, options.now);
  }

  /** One batch of a layer. */
  async batch(layer: LayerName, rows: readonly UpkeepRow[]): Promise<void> {
    const {orders, tally, proof} = this.#is;
    tally.looked += rows.length;
    const judged = await this.#judged(layer, rows);
    const marks = judged.flatMap(({row: {key, revision}, judgement}) => judgement.mark.map((kind) => ({key, revision, kind})));
    const unmarks = judged.flatMap(({row: {key}, judgement}) => judgement.unmark.map((kind) => ({key, kind})));
    const going = await this.#going(layer, judged);
    if (!orders.apply) {
      tally.marked += marks.length;
      tally.cleared += unmarks.length;
      for (const {judgement} of going) tally.removed(judgement.rules);
      return;
    }
    if (layer === 'local') await this.#history.save();
    if (going.length + marks.length + unmarks.length === 0) return;
    const numbers = await this.#sweep(layer, {run: this.#is.run, time: this.#is.now, removals: going.map(({removal}) => removal), marks,
      unmarks});
    if (numbers === undefined) {
      tally.unknown ||= going.length > 0;
      return;
    }
    tally.marked += marks.length;
    tally.cleared += unmarks.length;
    const gone = going.flatMap((one, at) => {
      const number = numbers[at];
      if (number === undefined) tally.overtaken++;
      else tally.removed(one.judgement.rules);
      return number === undefined ? [] : [{...one, number}];
    });
    const doubtful = gone.filter(({judgement}) => judgement.rules.some((rule) => ON_GLOBALS.includes(rule)));
    if (doubtful.length > 0) await this.#lookAgain(doubtful, proof);
  }

  /**
   * The two stores have no transaction in common. Whoever made or took back a global value between the look at it and the removal
   * gets the row back; whoever does it later finds the removal done.
   */
  async #lookAgain(gone: readonly (Judged & {number: number})[], proof: CentralProof): Promise<void> {
    const {local, run, now, tally} = this.#is;
    const globals = await proof.globals([...new Set(gone.map(({row}) => row.owner))]);
    const wrong = gone.filter(({row: {owner, setting}, judgement}) => {
      const own = globals?.get(owner);
      if (own === undefined) return true;
      return (judgement.rules.includes('dormant-exception') && own.has(setting))
        || (judgement.rules.includes('shadowed') && !this.#judge.shadows(setting, own));
    });
    if (wrong.length === 0) return;
    const entries = wrong.map(({number, row, judgement}) =>
      ({number, value: judgement.value ? row.value : undefined, exception: judgement.exception}));
    const back = await local.upkeep.putBack('local', run, now, entries);
    for (const {number, judgement} of wrong) if (back.has(number)) tally.putBack(judgement.rules);
  }

  async #sweep(layer: LayerName, sweep: Sweep): Promise<(number | undefined)[] | undefined> {
    const work = (upkeep: StoreUpkeep): Promise<(number | undefined)[]> => upkeep.sweep(layer, sweep);
    return layer === 'local' ? work(this.#is.local.upkeep) : this.#is.proof.write(work);
  }

  async #judged(layer: LayerName, rows: readonly UpkeepRow[]): Promise<{row: UpkeepRow; judgement: Judgement}[]> {
    const {orders, proof, now} = this.#is;
    const owners = [...new Set(rows.map(({owner}) => owner))];
    const scopes = [...new Set(rows.flatMap(({scope}) => scope === undefined ? [] : [scope]))];
    const globals = await proof.globals(owners);
    const [knownOwners, knownScopes, inactive] = [await asked(orders.knownOwners, owners), await asked(orders.knownScopes, scopes),
      orders.has('inactive-owner') ? await asked(orders.inactiveOwners, owners) : undefined];
    const judged: {row: UpkeepRow; judgement: Judgement}[] = [];
    for (const row of rows) {
      const {scope, owner} = row;
      const isKnown = knownOwners?.has(owner) !== false && (scope === undefined || knownScopes?.has(scope) !== false);
      const equalsDefaultSince = layer === 'local' ? await this.#history.equalSince(row) : undefined;
      judged.push({row, judgement: this.#judge.judge(row,
        {now, globals: globals?.get(owner), equalsDefaultSince, isKnown, isInactive: inactive?.has(owner) ?? false})});
    }
    return judged;
  }

  /** What goes, with what the log keeps of it. */
  async #going(layer: LayerName, judged: readonly {row: UpkeepRow; judgement: Judgement}[]): Promise<Judged[]> {
    const going: Judged[] = [];
    for (const one of judged) {
      const {row, judgement} = one;
      if (!judgement.value && !judgement.exception) continue;
      const kept = judgement.value && row.value !== undefined
        ? await this.#is.kept.keep(await this.#is.identity(layer), row, row.value, {publicOnly: judgement.rules.includes('deleted-owner')})
        : {kept: undefined, sealed: false};
      if (judgement.value && kept.kept === undefined && !judgement.rules.some((rule) => ERASING.includes(rule))) {
        this.#is.tally.kept++;
        continue;
      }
      const {key, revision} = row;
      const {value, exception, rules, judgedBy} = judgement;
      going.push({...one, removal: {key, revision, value, exception, marks: judgedBy, rule: rules.join('+'), ...kept}});
    }
    return going;
  }
}

async function asked(known: Known | undefined, names: readonly string[]): Promise<ReadonlySet<string> | undefined> {
  if (known === undefined) return undefined;
  return names.length === 0 ? new Set() : new Set(await known(names));
}
