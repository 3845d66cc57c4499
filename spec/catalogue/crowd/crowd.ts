import {performance} from 'node:perf_hooks';
import type {Fact} from '../../../src/catalogue/contract.js';
import {SeededRandom} from '../../support/seeded-random.js';
import {crowdFacts} from './crowd-facts.js';
import type {Place} from './server-process.js';
import {WriterProcess, type Done, type Kill} from './writer-process.js';

/** Who publishes what, and what happens to them meanwhile. */
export interface CrowdOptions {
  readonly place: Place;
  readonly release: string;
  readonly writers: number;
  /** Facts of each. */
  readonly facts: number;
  /** Writers that are killed (SIGKILL), once each, and started again. @default 0 */
  readonly kills?: number | undefined;
  /** Draws who is killed when, and the clocks. */
  readonly seed: number;
  /** No clock is more wrong than this, ms. @default 0 */
  readonly skew?: number | undefined;
  /** Done once, after so many facts in all. */
  readonly disturbance?: {readonly after: number; readonly work: () => Promise<void>} | undefined;
}

/** What became of it. */
export interface CrowdReport {
  readonly facts: readonly Fact[];
  /** Those of which a writer was told that they are published. */
  readonly acknowledged: readonly Fact[];
  readonly done: readonly Done[];
  readonly failures: readonly string[];
  readonly killed: number;
  /** From the moment when all were ready to the end of the last. */
  readonly seconds: number;
}

/** No kill comes after this share of a writer's facts, so that there is something left to resume. */
const LAST_KILL = 0.8;
const LONGEST_DELAY = 15;

/** Writers in processes of their own, all at once on one release. Ends with no process left, whatever happens. */
export async function runCrowd(options: CrowdOptions): Promise<CrowdReport> {
  const {place, release, writers: count, facts: each, kills = 0, seed, skew = 0, disturbance} = options;
  const random = new SeededRandom(seed);
  const victims = killsOf(random, count, kills, each);
  const all = Array.from({length: count}, (_, writer) => crowdFacts(writer, each));
  let done = 0;
  let disturbed: Promise<void> | undefined;
  const onDone = (): void => {
    if (++done === disturbance?.after) disturbed = disturbance.work();
  };
  const writers = all.map((facts, writer) => new WriterProcess(
    {place, release, actor: `writer-${writer}`, facts, skew: random.between(-skew, skew)}, victims.get(writer), onDone));
  try {
    await Promise.all(writers.map((writer) => writer.start()));
    const start = performance.now();
    await Promise.all(writers.map((writer) => writer.run()));
    const seconds = (performance.now() - start) / 1000;
    await disturbed;
    if (disturbance !== undefined && disturbed === undefined) throw new Error(`the crowd ended after ${done} facts, undisturbed`);
    return {
      facts: all.flat(),
      acknowledged: writers.flatMap(({acknowledged}, at) => all[at]?.filter((_, number) => acknowledged.has(number)) ?? []),
      done: writers.flatMap((writer) => writer.done), failures: writers.flatMap(({failures}) => failures),
      killed: writers.reduce((sum, {killed}) => sum + killed, 0), seconds,
    };
  } finally {
    await Promise.all(writers.map((writer) => writer.stop()));
  }
}

function killsOf(random: SeededRandom, writers: number, kills: number, facts: number): Map<number, Kill> {
  const victims = new Map<number, Kill>();
  while (victims.size < kills) {
    const kill = {after: random.below(Math.ceil(facts * LAST_KILL)), delay: random.next() * LONGEST_DELAY};
    const writer = random.below(writers);
    if (!victims.has(writer)) victims.set(writer, kill);
  }
  return victims;
}
