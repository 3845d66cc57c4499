import {join} from 'node:path';
import {performance} from 'node:perf_hooks';
import type {Json, JsonObject} from '../../src/core/json.js';
import type {merge as Merge} from '../../src/catalogue/merge/merge.js';
import {builtFolder} from '../catalogue/crowd/server-process.js';
import {markText} from './catalogue-ground.js';
import {median} from './race.js';

const [LOCALES, PLATFORMS, PARTIALS] = [100, 20, 4];
const MARK = 50;
const RUNS = 30;

/** A whole nightly as one document, to which both sides add: half of all parts each, a quarter both. */
export async function mergeFigures(): Promise<void> {
  const {merge} = await import(join(builtFolder(), 'catalogue/merge/merge.js')) as {merge: typeof Merge};
  const [ancestor, tip, incoming] = [document(), document((n) => n % 2 === 0, 'tip'), document((n) => n % 4 < 2, 'incoming')];
  const clock: number[] = [];
  const cpu: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    // As they come from a database: no two share an object.
    const [one, two, three] = [ancestor, tip, incoming].map((side) => JSON.parse(JSON.stringify(side)) as Json);
    const [start, before] = [performance.now(), process.cpuUsage()];
    const {conflicts, merged} = merge(one, two, three);
    clock.push(performance.now() - start);
    cpu.push(process.cpuUsage(before).user / 1000);
    const whole = conflicts.length === 0 && countOf(merged as JsonObject) === LOCALES * PLATFORMS * (PARTIALS + 1);
    if (!whole) throw new Error('the merge is wrong');
  }
  const size = (JSON.stringify(tip).length / 1e6).toFixed(1);
  console.log(`\nmerge of ${LOCALES} locales × ${PLATFORMS} platforms in one document (${size} MB, both sides added), ${RUNS} times: `
    + `median ${median(clock).toFixed(1)} ms by the clock, ${median(cpu).toFixed(1)} ms by CPU; worst ${Math.max(...clock).toFixed(1)} ms`
    + markText(`< ${MARK} ms`, median(clock) < MARK));
}

function document(adds: (n: number) => boolean = () => false, who = ''): JsonObject {
  const item = (from: string): JsonObject =>
    ({from, digest: from.padEnd(128, 'a').slice(0, 128), size: from.length, url: `https://example.org/${from}.mar`});
  let n = 0;
  const locale = (): JsonObject => {
    const added = adds(n++) ? [item(`${who}-${n}`)] : [];
    const partials = [...Array.from({length: PARTIALS}, (_, at) => item(`build-${at}`)), ...added];
    return {completes: [{key: 'complete', digest: 'c'.repeat(128), size: 9}], partials};
  };
  const locales = (): JsonObject => Object.fromEntries(Array.from({length: LOCALES}, (_, at) => [`locale-${at}`, locale()]));
  return {platforms: Object.fromEntries(Array.from({length: PLATFORMS}, (_, at) => [`platform-${at}`, {locales: locales()}]))};
}

function countOf({platforms}: JsonObject): number {
  const all = Object.values(platforms as Record<string, {locales: Record<string, {partials: JsonObject[]}>}>);
  return all.flatMap(({locales}) => Object.values(locales)).reduce((sum, {partials}) => sum + partials.length, 0);
}
