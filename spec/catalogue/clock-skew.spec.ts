import {expect} from 'chai';
import type {Catalogue} from '../../src/catalogue/catalogue.js';
import type {Change} from '../../src/catalogue/contract.js';
import {TestClock} from '../../src/testing/index.js';
import {rejection} from '../support/rejection.js';
import {ENGINES, type Engine} from './engines.js';
import {partial, PRODUCT} from './facts.js';
import {expectWholeHistory} from './whole-history.js';

const HOUR = 60 * 60_000;
/** When the first of them writes, by a clock that is right. */
const NOON = Date.UTC(2026, 0, 1, 12);
/** How wrong the writers' clocks are, hours. */
const WRONG = [0, 5, -7];
const ROUNDS = 4;

/** Writers whose clocks are hours apart take turns, a minute between two writes. */
async function write(engine: Engine): Promise<{catalogue: Catalogue; changes: Change[]}> {
  const writers: {clock: TestClock; hours: number; catalogue: Catalogue}[] = [];
  // One after the other: these clocks stand still, so none could wait for another.
  for (const hours of WRONG) {
    const clock = new TestClock({time: NOON + hours * HOUR});
    writers.push({clock, hours, catalogue: await engine.catalogue({clock})});
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const {catalogue, hours} of writers) {
      await catalogue.publish('r', [partial('/a', `r${round}-${hours}`)], {actor: `writer ${hours}`, create: PRODUCT});
      for (const {clock} of writers) await clock.advance(60_000);
    }
  }
  const {catalogue} = writers[0]!;
  return {catalogue, changes: await catalogue.changes()};
}

for (const [name, useEngine] of Object.entries(ENGINES)) {
  describe(`Catalogue on ${name}, written by clocks that are hours apart`, () => {
    const engine = useEngine();

    it('counts in the order of the commits, and keeps the time of each writer', async () => {
      const {changes} = await write(engine);
      await expectWholeHistory(engine);
      const expected = Array.from({length: ROUNDS * WRONG.length}, (_, at) => NOON + at * 60_000 + WRONG[at % WRONG.length]! * HOUR);
      // Head and first part are made by one write.
      expect(changes.map(({time}) => time)).to.deep.equal([NOON, ...expected]);
      expect(changes.map(({seq, releaseVersion}) => [seq, releaseVersion])).to.deep.equal(changes.map((_, at) => [at + 1, at + 1]));
    });

    it('shows at a time the highest version that is not after it, which never goes back as the time goes on', async () => {
      const {catalogue, changes} = await write(engine);
      const times = changes.flatMap(({time}) => [time - 1, time, time + 1]).sort((one, other) => one - other);
      let last = 0;
      for (const at of times) {
        const wanted = changes.findLast(({time}) => time <= at)?.releaseVersion;
        if (wanted === undefined) {
          expect(await rejection(catalogue.get('r', {at})), String(at)).to.include({code: 'UNKNOWN_VERSION'});
          continue;
        }
        const state = await catalogue.get('r', {at});
        expect(state.version, String(at)).to.equal(wanted).and.to.be.at.least(last);
        // What is shown was once the whole release: nothing of another moment is mixed in.
        expect(state).to.deep.equal(await catalogue.get('r', {version: wanted}));
        last = wanted;
      }
      expect(last).to.equal(changes.length);
    });

    it('answers a repeated request of a writer whose clock was set back', async () => {
      const [before, after] = [new TestClock({time: NOON}), new TestClock({time: NOON - 48 * HOUR})];
      const [first, second] = [await engine.catalogue({clock: before}), await engine.catalogue({clock: after})];
      const options = {actor: 'elmer', create: PRODUCT, requestId: 'one'};
      const made = await first.publish('r', [partial('/a', 'r1')], options);
      expect(await second.publish('r', [partial('/a', 'r1')], options)).to.deep.equal({...made, replayed: true});
      expect(await second.publish('r', [partial('/a', 'r2')], {actor: 'elmer'})).to.include({version: 3});
      expect(await second.get('r')).to.include({version: 3, time: NOON - 48 * HOUR});
      expect(await second.get('r', {at: NOON - HOUR})).to.include({version: 3});
    });
  });
}
