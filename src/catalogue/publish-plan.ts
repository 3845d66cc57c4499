import {Contradiction, MergeConflict, ReadOnlyRelease, Refused, UnknownRelease} from './catalogue-errors.js';
import type {LimitCheck} from './catalogue-limits.js';
import type {Fact, ItemOutcome, PartConflict} from './contract.js';
import {checkFact, type CheckedFact} from './fact-check.js';
import {addFacts} from './fact-lists.js';
import type {JsonObject} from '../core/json.js';
import type {MergePolicy} from './merge/merge-policy.js';
import type {HeadRow, HeadWrite, StoreView} from './store-contract.js';
import type {PartEdit, WritePlan} from './write-plan.js';

/** What is published. */
export interface Publishing {
  readonly name: string;
  readonly facts: readonly Fact[];
  /** What a release that doesn't exist is made with. */
  readonly create: HeadWrite | undefined;
  readonly perItem: boolean;
  readonly limits: LimitCheck;
  readonly policyOf: (schema: number) => MergePolicy;
}

/** The facts that the tip doesn't have yet, added to it. @throws UnknownRelease, ReadOnlyRelease, InvalidFact, MergeConflict */
export async function planPublish(view: StoreView, publishing: Publishing): Promise<WritePlan> {
  const {name, create, perItem} = publishing;
  const head = await view.head(name);
  const living = head === undefined || head.removed ? undefined : head;
  const write = living ?? create;
  if (write === undefined) throw new UnknownRelease(name);
  if (living?.readOnly === true) throw new ReadOnlyRelease(name);
  const outcomes = new Outcomes(perItem);
  const parts: PartEdit[] = [];
  const groups = byPath(checked(publishing, write.hashFunction, outcomes));
  const rows = new Map((await view.partsOf(name, groups.map(([path]) => path))).map((row) => [row.path, row]));
  for (const [path, facts] of groups) {
    const row = rows.get(path);
    const added = addFacts(row?.body === undefined ? {} : JSON.parse(row.body) as JsonObject, facts);
    outcomes.conflicting(added.conflicts);
    outcomes.told('equal', added.equal);
    if (added.added.length === 0) continue;
    const body = outcomes.keeping(added.added, () => publishing.limits.text(added.document, publishing.policyOf(write.schema), ''));
    if (body === undefined) continue;
    parts.push({path, expected: row?.version ?? 0, body});
    outcomes.told('added', added.added);
  }
  outcomes.check(head);
  return {
    head, parts, merged: false, headEdit: living === undefined && create !== undefined ? {write: create, operation: 'create'} : undefined,
    ...(perItem ? {items: outcomes.items()} : {}),
  };
}

function checked({facts}: Publishing, hashFunction: string, outcomes: Outcomes): CheckedFact[] {
  const good: CheckedFact[] = [];
  for (const [index, fact] of facts.entries()) {
    outcomes.keeping([{index}], () => good.push(checkFact(fact, index, hashFunction)));
  }
  return good;
}

/** In the order of the paths, so that two batches lock the same rows in the same order. */
function byPath(facts: readonly CheckedFact[]): [string, CheckedFact[]][] {
  const groups = new Map<string, CheckedFact[]>();
  for (const fact of facts) {
    const group = groups.get(fact.path);
    if (group === undefined) groups.set(fact.path, [fact]);
    else group.push(fact);
  }
  return [...groups].sort(([one], [other]) => one < other ? -1 : 1);
}

/** What became of each fact. Unless it goes by item, the first fault ends it all, and conflicts are collected first. */
class Outcomes {
  readonly #perItem: boolean;
  readonly #items = new Map<number, ItemOutcome>();
  readonly #conflicts: PartConflict[] = [];

  constructor(perItem: boolean) {
    this.#perItem = perItem;
  }

  told(outcome: 'added' | 'equal', facts: readonly CheckedFact[]): void {
    for (const {index} of facts) this.#items.set(index, {index, outcome});
  }

  conflicting(conflicts: readonly PartConflict[]): void {
    this.#conflicts.push(...conflicts);
    for (const conflict of conflicts) {
      const index = conflict.index ?? 0;
      this.#items.set(index, {index, outcome: 'refused', code: 'MERGE_CONFLICT', message: messageOf([conflict]), conflicts: [conflict]});
    }
  }

  /** Does it; a fault of the catalogue is that of these facts. */
  keeping<T>(facts: readonly {index: number}[], work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!this.#perItem || !(error instanceof Refused || error instanceof Contradiction)) throw error;
      for (const {index} of facts) this.#items.set(index, {index, outcome: 'refused', code: error.code, message: error.message});
      return undefined;
    }
  }

  check(head: HeadRow | undefined): void {
    if (this.#perItem || this.#conflicts.length === 0) return;
    throw new MergeConflict(messageOf(this.#conflicts), this.#conflicts, head?.version ?? 0);
  }

  items(): ItemOutcome[] {
    return [...this.#items.values()].sort((one, other) => one.index - other.index);
  }
}

function messageOf(conflicts: readonly PartConflict[]): string {
  const [first] = conflicts;
  const more = conflicts.length > 1 ? `, and ${conflicts.length - 1} more` : '';
  return `${first?.part} already has ${first?.path} with other content${more}`;
}
