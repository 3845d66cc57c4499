import {compareRanks, type Source} from './mirror-list.js';
import type {MirrorScore, Standing} from './mirror-score.js';

/** A mirror that may be asked next. */
export interface Candidate {
  readonly source: Omit<Source, 'url'>;
  readonly score: MirrorScore;
}

/** The body that mirrors are compared by, bytes. */
const NOMINAL = 1024 * 1024;

const RANKS: Readonly<Record<Standing, number>> = {good: 0, untried: 0, bad: 1, out: 2};

/**
 * Who is to be asked first: the lowest priority, the highest preference, good and untried ones before those known to be
 * bad; among these the one that would be done first, with what it is doing already. One that was never measured counts
 * as good as the best. Where weights are given they are shares, drawn by lot; else the list's order decides a tie.
 *
 * @param random numbers from 0 to 1, asked only where there are weights
 */
export function orderMirrors<C extends Candidate>(candidates: readonly C[], random: () => number): C[] {
  const best = bestOf(candidates);
  const rated = candidates.map((one) => ({one, rank: RANKS[one.score.standing], cost: costOf(one.score, best)}))
    .sort((a, b) => compareRanks(a.one.source, b.one.source) || a.rank - b.rank);
  const groups: (typeof rated)[] = [];
  for (const item of rated) {
    const last = groups.at(-1);
    const isEqual = ([first]: typeof rated): boolean =>
      first?.rank === item.rank && compareRanks(first.one.source, item.one.source) === 0;
    if (last !== undefined && isEqual(last)) last.push(item);
    else groups.push([item]);
  }
  return groups.flatMap((group) => spread(group, random));
}

function spread<C extends Candidate>(group: readonly {readonly one: C; readonly cost: number}[], random: () => number): C[] {
  const weighed = group.length > 1 && group.some(({one}) => one.source.weight !== undefined);
  const keyed = group.map(({one, cost}) => ({one, key: weighed ? -Math.log(1 - random()) * cost / (one.source.weight ?? 1) : cost}));
  return keyed.sort((a, b) => a.key - b.key).map(({one}) => one);
}

interface Best {
  readonly firstByte: number;
  readonly throughput: number;
}

function bestOf(candidates: readonly Candidate[]): Best {
  let [firstByte, throughput] = [Infinity, 0];
  for (const {score} of candidates) {
    firstByte = Math.min(firstByte, score.firstByte ?? Infinity);
    throughput = Math.max(throughput, score.throughput ?? 0);
  }
  return {firstByte: firstByte === Infinity ? 0 : firstByte, throughput: throughput === 0 ? Infinity : throughput};
}

/** ms until it would be done, roughly. */
function costOf(score: MirrorScore, best: Best): number {
  const alone = (score.firstByte ?? best.firstByte) + NOMINAL / (score.throughput ?? best.throughput);
  return Math.max(1, alone) * (1 + score.running);
}
