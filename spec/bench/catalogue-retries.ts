import {StaleVersion} from '../../src/catalogue/catalogue-errors.js';
import {updateDocument} from '../../src/catalogue/client/update-loop.js';
import type {RetryPolicy} from '../../src/core/contract.js';
import {DownloadFailed} from '../../src/core/errors.js';
import {redo, StandardRetryPolicy} from '../../src/policy/retry-policy.js';
import {TestClock} from '../../src/testing/index.js';
import {SeededRandom} from '../support/seeded-random.js';
import type {CatalogueGround} from './catalogue-ground.js';
import {SimulatedOrigin, type SimulatedCosts} from './simulated-origin.js';

/** What a writer has for one fact. */
interface Tools {
  readonly origin: SimulatedOrigin;
  readonly clock: TestClock;
  readonly random: () => number;
}

/** One way to get a fact in. @throws when it is given up */
type Way = (tools: Tools) => Promise<unknown>;

/** How often a writer has something to say. */
interface Load {
  readonly name: string;
  /** A writer's own work before each fact: up to this, ms. */
  readonly work: number;
}

const COSTS: SimulatedCosts = {trip: 20, read: 2, write: 5};
const FACTS = 100;
const PART = {name: 'nightly', path: '/part'} as const;
const CROWDS = [16, 50];
const LOADS: readonly Load[] = [{name: 'without a pause', work: 0}, {name: '0 to 10 s of work before each fact', work: 10_000}];

/** The ways to meet a lost race, the classic first. */
const WAYS: Readonly<Record<string, Way>> = {
  'whole document, redo()': guarded(redo()),
  'whole document, StandardRetryPolicy': guarded(new StandardRetryPolicy()),
  'whole document, client.update': ({origin, clock, random}) =>
    updateDocument({catalogue: origin, clock, random}, PART, (document) => document, {actor: 'bench', deadline: false}),
  'publish, merged by the server': ({origin}) => origin.publish(PART.name),
};

/** The retry presets in simulated time: how long all of it takes, how long one fact may take, how much is refused, what is lost. */
export async function retryPresets({seed}: CatalogueGround): Promise<void> {
  console.log(`\nretry presets, simulated (seed ${seed}): each writer has ${FACTS} facts for one document; ${COSTS.trip} ms a round trip, `
    + `the server works on one request at a time, ${COSTS.read} ms for a read and ${COSTS.write} ms for a write`);
  for (const load of LOADS) {
    for (const writers of CROWDS) {
      console.log(`${writers} writers, ${load.name}`);
      for (const [name, way] of Object.entries(WAYS)) console.log(`  ${name.padEnd(36)} ${await simulate(way, load, writers, seed)}`);
    }
  }
}

async function simulate(way: Way, {work}: Load, writers: number, seed: number): Promise<string> {
  const clock = new TestClock();
  const origin = new SimulatedOrigin(clock, COSTS);
  const times: number[] = [];
  let lost = 0;
  let ended = 0;
  const writer = async (number: number): Promise<void> => {
    const random = new SeededRandom(seed * 1000 + number);
    const tools: Tools = {origin, clock, random: () => random.next()};
    for (let fact = 0; fact < FACTS; fact++) {
      if (work > 0) await clock.wait(random.next() * work);
      const start = clock.now();
      await way(tools).catch((error: unknown) => {
        if (!(error instanceof StaleVersion)) throw error;
        lost++;
      });
      times.push(clock.now() - start);
    }
    ended++;
  };
  let failed = false;
  const all = Promise.all(Array.from({length: writers}, (_, number) => writer(number)));
  all.catch(() => { failed = true; });
  while (ended < writers && !failed) await clock.advanceToNext();
  await all;
  times.sort((one, other) => one - other);
  const p99 = times[Math.floor(times.length * 0.99)] ?? 0;
  const {requests, refused} = origin;
  const p50 = times[Math.floor(times.length / 2)] ?? 0;
  return `${seconds(clock.now()).padStart(10)} in all  p50 ${seconds(p50).padStart(8)}  p99 ${seconds(p99).padStart(8)}`
    + `  ${String(refused).padStart(6)} refused of ${String(requests).padStart(6)} requests  ${lost} of ${times.length} facts lost`;
}

/** Read, change, write all of it back; when another was quicker, all of that again as the policy says. */
function guarded(policy: RetryPolicy): Way {
  return async ({origin, clock, random}) => {
    for (let charged = 0; ; charged++) {
      const {version} = await origin.getPart(PART.name, PART.path);
      try {
        return await origin.replace(PART, {}, {ifVersion: version});
      } catch (error) {
        const fault = {
          error: new DownloadFailed('the version had moved on', {class: 'transient'}), class: 'transient', attempt: charged + 1, charged,
          retries: policy.retries, seen: () => charged, now: clock.time(), random,
        } as const;
        const again = charged < policy.retries ? policy.decide(fault) : undefined;
        if (again === undefined) throw error;
        await clock.wait(again.delay);
      }
    }
  };
}

function seconds(ms: number): string {
  return ms < 100_000 ? `${(ms / 1000).toFixed(2)} s` : `${(ms / 60_000).toFixed(1)} min`;
}
