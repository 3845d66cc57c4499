import type {Change, Choice, Fate} from './crash-node.js';
import {SeededRandom} from './seeded-random.js';

/** Up to so many states are all looked at. */
const ALL = 256;
/** So many are drawn by lot where there are more. */
const DRAWN = 32;

/**
 * What a power cut may make of changes that were not synced, each independent of the others. All ways where they are
 * few; else: everything kept, everything lost, each change alone in each of its fates among kept ones and among lost
 * ones, and some by lot.
 */
export function* crashChoices(changes: readonly Change[], seed: number): Generator<Choice> {
  if (changes.reduce((product, {fates}) => product * fates.length, 1) <= ALL) {
    yield* allChoices(changes);
    return;
  }
  for (const others of ['kept', 'lost'] as const) {
    const all = changes.map((change): [Change, Fate] => [change, others]);
    yield new Map(all);
    for (const change of changes) {
      for (const fate of change.fates) if (fate !== others) yield new Map([...all, [change, fate]]);
    }
  }
  const random = new SeededRandom(seed);
  for (let n = 0; n < DRAWN; n++) yield new Map(changes.map((change) => [change, random.pick(change.fates)]));
}

function* allChoices(changes: readonly Change[]): Generator<Choice> {
  const [first, ...rest] = changes;
  if (first === undefined) {
    yield new Map();
    return;
  }
  for (const choice of allChoices(rest)) for (const fate of first.fates) yield new Map([[first, fate], ...choice]);
}

/** The choice in words. */
export function choiceText(choice: Choice): string {
  const words = [...choice].map(([change, fate]) => `${fate}: ${change.step} ${change.text}`);
  return words.length === 0 ? 'nothing was open' : words.join('; ');
}
