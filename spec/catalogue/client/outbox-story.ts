import {expect} from 'chai';
import {Outbox} from '../../../src/catalogue/client/outbox.js';
import {UnknownRelease} from '../../../src/catalogue/catalogue-errors.js';
import {TestClock} from '../../../src/testing/index.js';
import {type CrashDisk} from '../../support/crash-disk.js';
import {ELMER, partial} from '../facts.js';
import {TestCatalogue} from './outbox-stage.js';

const PATH = '/pool/outbox.jsonl';
const FACTS = [partial('/a', 'r1')];

/** What happened in a run, each with the step of the disk after which it holds. */
export interface OutboxStory {
  readonly disk: CrashDisk;
  /** Publications whose caller was told that they are safe. */
  readonly told: readonly {readonly id: string; readonly step: number}[];
  /** Those that the catalogue had done. */
  readonly done: readonly {readonly id: string; readonly step: number}[];
}

async function open(disk: CrashDisk, catalogue: TestCatalogue, clock = new TestClock({autoAdvance: true})): Promise<Outbox> {
  return Outbox.open({path: PATH, catalogue, disk, clock, random: () => 0.5, stateOf: () => 'dead'});
}

/** Two releases, a catalogue that comes and goes, a refusal, and a second outbox on the same file. */
export async function outboxStory(disk: CrashDisk): Promise<OutboxStory> {
  const [told, done]: {id: string; step: number}[][] = [[], []];
  const catalogue = new TestCatalogue();
  const clock = new TestClock({autoAdvance: true});
  catalogue.meanwhile = async ({requestId = '', name}) => {
    if (name !== 'bad') done?.push({id: requestId, step: disk.steps});
  };
  catalogue.refuse = ({name}) => name === 'bad' ? new UnknownRelease(name) : undefined;
  const [one, two] = [await open(disk, catalogue, clock), await open(disk, catalogue, clock)];
  const publish = async (outbox: Outbox, name: string, id: string): Promise<void> => {
    await outbox.publish(name, FACTS, {...ELMER, requestId: id});
    told?.push({id, step: disk.steps});
  };
  catalogue.away = true;
  await publish(one, 'r', 'r1');
  await Promise.all([publish(one, 's', 's2'), publish(one, 'r', 'r3')]);
  await publish(two, 'bad', 'b4');
  await publish(two, 'r', 'r5');
  await clock.advance(60_000);
  catalogue.away = false;
  expect(await one.send()).to.include({sent: 4, refused: 1, left: 0});
  catalogue.away = true;
  await publish(one, 's', 's6');
  await two.close();
  await one.close();
  return {disk, told: told ?? [], done: done ?? []};
}

/** What a cut or a kill behind any step breaks of what was promised. */
export async function brokenPromises({disk, told, done}: OutboxStory, cut: boolean): Promise<{wrong: string[]; states: number; sent: number}> {
  const wrong = new Set<string>();
  let [states, sent] = [0, 0];
  for (let step = 0; step <= disk.steps; step++) {
    for (const choice of cut ? disk.choices(step) : [undefined]) {
      states++;
      const catalogue = new TestCatalogue();
      for (const {id} of done.filter((one) => one.step <= step)) {
        catalogue.done.push({name: id.slice(0, 1), facts: FACTS, actor: 'elmer', requestId: id});
      }
      catalogue.refuse = ({name}) => name === 'bad' ? new UnknownRelease(name) : undefined;
      const before = catalogue.done.length;
      try {
        const left = disk.afterCrash(step, choice);
        catalogue.away = true;
        await (await open(left, catalogue)).publish('s', FACTS, {...ELMER, requestId: 's8'});
        catalogue.away = false;
        const outbox = await open(left, catalogue);
        await outbox.send();
        const aside = (await outbox.refused()).map(({id}) => id);
        const ids = [...catalogue.ids, ...aside];
        const due = [...told.filter((one) => one.step <= step).map(({id}) => id), 's8'];
        for (const id of due) if (!ids.includes(id)) wrong.add(`${id} is lost`);
        for (const name of ['r', 's']) {
          const order = catalogue.ids.filter((id) => id?.startsWith(name));
          if (order.join() !== [...order].sort().join()) wrong.add(`the order is ${order.join()}`);
        }
        const {outcome} = await outbox.publish('r', FACTS, {...ELMER, requestId: 'r9'});
        if (outcome !== 'published') wrong.add('it can\'t go on');
        sent += catalogue.done.length - before;
      } catch (error) {
        wrong.add(String(error));
      }
    }
  }
  return {wrong: [...wrong], states, sent};
}
