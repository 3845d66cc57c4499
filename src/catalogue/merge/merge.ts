import {checkLists} from './check-lists.js';
import type {Conflict} from './conflict.js';
import type {Json} from '../../core/json.js';
import type {MergePolicy} from './merge-policy.js';
import {MergeRules} from './merge-rules.js';
import {ThreeWay} from './three-way.js';

/** What came of a merge. */
export interface MergeResult {
  /**
   * The merged document. Undefined whenever there are conflicts: nothing is merged in part. Undefined without conflicts
   * means that it is absent, as both sides have it.
   */
  readonly merged: Json | undefined;
  /** All of them, sorted by path; empty when the merge succeeded. */
  readonly conflicts: readonly Conflict[];
}

/**
 * Combines two changes of one document, so that nothing that either side added gets lost. A pure function, in linear time;
 * the inputs are never changed, and the result may share parts with them. They have passed `readJson` or `checkJson`.
 *
 * Undefined means absent, and null is not absent, so that deletions are honoured:
 * 1. both sides equal: that; 2. only the incoming changed: it; 3. only the tip changed: it. Otherwise
 * 4. an object that carries a digest or a size is never mixed, 5. objects recurse, 6. lists follow the policy,
 * 7. and anything else is a conflict.
 * @param ancestor what both sides started from
 * @param tip what stands now; its order of list items wins
 * @param incoming what is to be written
 * @throws InvalidDocument when a list with a declared key has an item without it, or two items with the same one
 * @throws TypeError for a policy that can't be meant
 */
export function merge(ancestor: Json | undefined, tip: Json | undefined, incoming: Json | undefined,
  policy: MergePolicy = {}): MergeResult {
  const rules = new MergeRules(policy);
  for (const document of [ancestor, tip, incoming]) checkLists(document, rules);
  return new ThreeWay(rules).run(ancestor, tip, incoming);
}
