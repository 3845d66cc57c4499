import {canonicalJson} from '../../../src/core/canonical-json.js';
import type {Json} from '../../../src/core/json.js';
import {merge} from '../../../src/catalogue/merge/merge.js';
import {POLICY, type Triple} from './triples.js';

type Value = Json | undefined;

/** Every way through the rules that generated triples must take, so that a law that holds is no law about nothing. */
export const WAYS = [
  'rule 1', 'rule 2', 'rule 3', 'a deletion honoured', 'rule 5, merged', 'added on both sides, merged',
  'append-only list, merged', 'equal facts added twice', 'list without keys, merged', 'list moved by the tip, merged',
  'list moved by the incoming, merged', 'keyed list, merged', 'both-changed', 'both-changed, atomic', 'both-changed, one key added twice',
  'both-changed, replaced list', 'type', 'delete-modify', 'delete-modify, item', 'list-not-append-only', 'list-not-append-only, order',
  'several conflicts', 'no conflict, all three different',
] as const;

/** Counts how often each way was taken. */
export class Coverage {
  readonly counts = new Map<string, number>(WAYS.map((way) => [way, 0]));

  add({ancestor, tip, incoming}: Triple): void {
    const {merged, conflicts} = merge(ancestor, tip, incoming, POLICY);
    const ways = new Set<string>();
    for (const conflict of conflicts) {
      ways.add(conflict.kind);
      const [values, list] = [[conflict.ancestor, conflict.tip, conflict.incoming], conflict.path.split('/').at(-1)];
      if (conflict.kind === 'both-changed') {
        if (values.some((value) => fieldOf(value, 'size') !== undefined)) ways.add('both-changed, atomic');
        if (/\/partials\/r\d$/.test(conflict.path)) ways.add('both-changed, one key added twice');
        if (list === 'tags') ways.add('both-changed, replaced list');
      }
      if (conflict.kind === 'list-not-append-only' && sameItems(values)) ways.add('list-not-append-only, order');
      if (conflict.kind === 'delete-modify' && /\/packages\/p\d$/.test(conflict.path)) ways.add('delete-modify, item');
    }
    if (conflicts.length > 1) ways.add('several conflicts');
    const apart = new Set([ancestor, tip, incoming].map((document) => canonicalJson(document))).size === 3;
    if (conflicts.length === 0 && apart) ways.add('no conflict, all three different');
    walk([ancestor, tip, incoming], merged, '', ways);
    for (const way of ways) this.counts.set(way, (this.counts.get(way) ?? 0) + 1);
  }

  /** What was taken less often than that. */
  below(least: number): string[] {
    return [...this.counts].filter(([, count]) => count < least).map(([way, count]) => `${way}: ${count}`);
  }
}

/** Without conflicts: down to where one of the first rules decides. */
function walk([a, l, r]: readonly [Value, Value, Value], merged: Value, field: string, ways: Set<string>): void {
  const [before, ours, theirs] = [a, l, r].map((value) => value === undefined ? '' : canonicalJson(value));
  if (ours === theirs) {
    ways.add(before === ours ? 'unchanged' : 'rule 1');
    return;
  }
  if (before === ours || before === theirs) {
    ways.add(before === ours ? 'rule 2' : 'rule 3');
    if ((l === undefined || r === undefined) && merged === undefined) ways.add('a deletion honoured');
    return;
  }
  if (merged === undefined) return;
  if (Array.isArray(merged)) {
    lists([a ?? [], l, r] as unknown as readonly [Json[], Json[], Json[]], field, ways);
    return;
  }
  ways.add(a === undefined ? 'added on both sides, merged' : 'rule 5, merged');
  for (const name of new Set([a, l, r].flatMap((value) => Object.keys(value ?? {})))) {
    walk([fieldOf(a, name), fieldOf(l, name), fieldOf(r, name)], fieldOf(merged, name), name, ways);
  }
}

function lists([a, l, r]: readonly [Json[], Json[], Json[]], field: string, ways: Set<string>): void {
  ways.add({partials: 'append-only list, merged', packages: 'keyed list, merged'}[field] ?? 'list without keys, merged');
  const texts = (list: Json[]): string[] => list.map((item) => canonicalJson(item));
  const [before, ours, theirs] = [texts(a), texts(l), texts(r)];
  if (field === 'partials' && ours.some((item) => theirs.includes(item) && !before.includes(item))) ways.add('equal facts added twice');
  const order = (list: string[]): string =>
    list.filter((item) => before.includes(item) && ours.includes(item) && theirs.includes(item)).join('\n');
  if (order(ours) !== order(before)) ways.add('list moved by the tip, merged');
  if (order(theirs) !== order(before)) ways.add('list moved by the incoming, merged');
}

function fieldOf(value: Value, name: string): Value {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, Json>)[name] : undefined;
}

/** Every item of the first is in the others, so only the order can be at fault. */
function sameItems([a, ...sides]: readonly Value[]): boolean {
  const texts = (list: Value): string[] => (list as Json[] | undefined ?? []).map((item) => canonicalJson(item));
  return sides.every((side) => texts(a).every((item) => texts(side).includes(item)));
}
