import type {Registry} from '../registry/registry.js';
import type {MarkKind, UpkeepRow} from '../upkeep-contract.js';
import type {CleanupRule} from './cleanup-contract.js';
import type {CleanupOrders} from './cleanup-orders.js';

/** What is known about a row beside what is in it. */
export interface RowFacts {
  /** Epoch ms. */
  readonly now: number;
  /** Its owner's global values by setting, as the primary says; undefined: there is no proof. */
  readonly globals: ReadonlyMap<string, string> | undefined;
  /** Since when the default is equal to its L, epoch ms; undefined: it isn't. */
  readonly equalsDefaultSince: number | undefined;
  /** Somebody knows its owner and its scope. */
  readonly isKnown: boolean;
  readonly isInactive: boolean;
}

/** What is to be done with a row. */
export interface Judgement {
  /** L goes, or G. */
  readonly value: boolean;
  /** X goes. */
  readonly exception: boolean;
  readonly rules: readonly CleanupRule[];
  /** Marks that it was judged by. */
  readonly judgedBy: readonly MarkKind[];
  readonly mark: readonly MarkKind[];
  readonly unmark: readonly MarkKind[];
}

/** Says of each row which rules it falls under. It reads and writes nothing. */
export class CleanupJudge {
  readonly #orders: CleanupOrders;
  readonly #registry: Registry;

  constructor(orders: CleanupOrders, registry: Registry) {
    this.#orders = orders;
    this.#registry = registry;
  }

  judge(row: UpkeepRow, facts: RowFacts): Judgement {
    const found = new Findings(row, facts.now);
    if (this.#orders.has('deleted-owner') && this.#orders.deletedOwners.has(row.owner)) found.all('deleted-owner');
    if (!this.#orders.spares(row.setting)) {
      this.#whole(row, facts, found);
      const isKept = row.scope !== undefined && !found.isWhole && this.#registry.find(row.setting) !== undefined;
      if (isKept) this.#parts(row, facts, found);
    }
    return found.judgement(facts.globals !== undefined);
  }

  /** Whether a global value is in force where there is no X. One that the setting doesn't take lets L through. */
  shadows(name: string, globals: ReadonlyMap<string, string>): boolean {
    const [setting, global] = [this.#registry.find(name), globals.get(name)];
    return setting?.globalisable === true && global !== undefined && setting.decode(global) !== undefined;
  }

  /** Rules by which nothing stays of a row. */
  #whole({scope, owner, setting}: UpkeepRow, {isKnown, isInactive}: RowFacts, found: Findings): void {
    const {deletedScopes, deletedOwners, ages} = this.#orders;
    const isGone = deletedOwners.has(owner) || (scope !== undefined && deletedScopes.has(scope));
    if (this.#orders.has('deleted-remote') && scope !== undefined && deletedScopes.has(scope)) found.all('deleted-remote');
    const isOrphan = found.since('orphan', !isKnown && !isGone, ages.orphan);
    if (this.#orders.has('orphan') && isOrphan) found.all('orphan', 'orphan');
    if (this.#orders.has('inactive-owner') && isInactive) found.all('inactive-owner');
    if (this.#orders.has('unknown') && this.#registry.find(setting) === undefined) found.all('unknown');
  }

  /** Rules by which L or X goes, and what is in force stays the same. */
  #parts({setting, value, exception}: UpkeepRow, {now, globals, equalsDefaultSince}: RowFacts, found: Findings): void {
    const {ages} = this.#orders;
    if (this.#orders.has('equal-default') && equalsDefaultSince !== undefined && now - equalsDefaultSince >= ages.default) {
      found.value('equal-default');
    }
    if (globals === undefined) return;
    const isDormant = found.since('dormant', exception && !globals.has(setting), ages.dormant);
    if (this.#orders.has('dormant-exception') && isDormant) found.exception('dormant-exception', 'dormant');
    const isShadowed = found.since('shadowed', value !== undefined && !exception && this.shadows(setting, globals), ages.shadowed);
    if (this.#orders.has('shadowed') && isShadowed) found.value('shadowed', 'shadowed');
  }
}

/** Gathers what is found of one row. */
class Findings {
  readonly #row: UpkeepRow;
  readonly #now: number;
  readonly #rules: CleanupRule[] = [];
  readonly #judgedBy: MarkKind[] = [];
  readonly #mark: MarkKind[] = [];
  readonly #unmark: MarkKind[] = [];
  #whole = false;
  #value = false;
  #exception = false;

  constructor(row: UpkeepRow, now: number) {
    this.#row = row;
    this.#now = now;
  }

  /** Whether it is so now and was seen so at least `age` ms ago; marks it when it is first seen, and unmarks what is no more. */
  since(kind: MarkKind, isSo: boolean, age: number): boolean {
    const since = this.#row.marks[kind];
    if (isSo && since === undefined) this.#mark.push(kind);
    if (!isSo && since !== undefined) this.#unmark.push(kind);
    return isSo && since !== undefined && this.#now - since >= age;
  }

  /** Nothing of the row is to stay. */
  get isWhole(): boolean {
    return this.#whole;
  }

  all(rule: CleanupRule, mark?: MarkKind): void {
    this.#note(rule, mark);
    this.#whole = true;
    this.#value ||= this.#row.value !== undefined;
    this.#exception ||= this.#row.exception;
  }

  value(rule: CleanupRule, mark?: MarkKind): void {
    this.#note(rule, mark);
    this.#value = true;
  }

  exception(rule: CleanupRule, mark: MarkKind): void {
    this.#note(rule, mark);
    this.#exception = true;
  }

  /** @param proven Without proof from the primary nothing goes. */
  judgement(proven: boolean): Judgement {
    const [mark, unmark] = [this.#mark, this.#unmark];
    if (!proven) return {value: false, exception: false, rules: [], judgedBy: [], mark, unmark};
    return {value: this.#value, exception: this.#exception, rules: this.#rules, judgedBy: this.#judgedBy, mark, unmark};
  }

  #note(rule: CleanupRule, mark: MarkKind | undefined): void {
    this.#rules.push(rule);
    if (mark !== undefined) this.#judgedBy.push(mark);
  }
}
