import {canonicalJson} from '../../core/canonical-json.js';
import type {Json} from '../../core/json.js';
import {nameOf} from './merge-rules.js';

/** The items of a list by name, in their order. */
export type Items = ReadonlyMap<string, Json>;

/**
 * The items by their declared key; without one each is named by its canonical text, and equal ones are counted, so that
 * `[1]` and `[1, 1]` stay two lists.
 */
export function itemsOf(list: readonly Json[], key: readonly string[] | undefined): Items {
  if (key !== undefined) return new Map(list.map((item) => [nameOf(item, key) ?? '', item]));
  const counts = new Map<string, number>();
  return new Map(list.map((item) => {
    const text = canonicalJson(item);
    const count = (counts.get(text) ?? 0) + 1;
    counts.set(text, count);
    // A JSON text never ends in this, so no name can stand for two items.
    return [`${text}×${count}`, item];
  }));
}

/** The names of two lists, with how each of the two stands to their ancestor. */
export interface Order {
  /**
   * The names of both sides in the order of the merged list: the side that moved items of the ancestor leads (the tip when
   * neither did), then come the other's additions.
   */
  readonly names: ReadonlySet<string>;
  /** Both sides moved items of the ancestor, differently. */
  readonly contested: boolean;
}

/** The order of the list that two sides made of their ancestor. */
export function orderOf(ancestor: Items, tip: Items, incoming: Items): Order {
  const shared = (items: Items): string[] => [...items.keys()].filter((name) => ancestor.has(name) && tip.has(name) && incoming.has(name));
  const [before, ours, theirs] = [shared(ancestor), shared(tip), shared(incoming)];
  const [tipMoved, incomingMoved] = [!sameNames(before, ours), !sameNames(before, theirs)];
  const [leading, following] = incomingMoved && !tipMoved ? [incoming, tip] : [tip, incoming];
  return {
    names: new Set([...leading.keys(), ...following.keys()]),
    contested: tipMoved && incomingMoved && !sameNames(ours, theirs),
  };
}

/** True when both have the same names in the same order. */
export function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}
