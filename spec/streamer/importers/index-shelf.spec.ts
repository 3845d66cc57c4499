import {expect} from 'chai';
import {Cancelled, ConnectFailed, NotFound} from '../../../src/core/errors.js';
import {IndexShelf} from '../../../src/streamer/importers/index-shelf.js';
import {faultOf} from '../../../src/testing/fault-of.js';
import {TestClock} from '../../../src/testing/test-clock.js';

interface Thing { readonly name: string; readonly weight: number }

const never = (): boolean => false;
const notFound = (): Promise<Thing> => Promise.reject(new NotFound('gone', {status: 404}));
const down = (): Promise<Thing> => Promise.reject(new ConnectFailed('down'));

describe('IndexShelf', () => {
  let clock: TestClock;
  let shelf: IndexShelf<Thing>;
  let asked: number;
  beforeEach(() => {
    clock = new TestClock();
    shelf = new IndexShelf<Thing>({clock, limit: 10});
    asked = 0;
  });
  const load = (name: string, weight = 1) => (): Promise<Thing> => {
    asked++;
    return Promise.resolve({name, weight});
  };

  it('asks once for all who wait', async () => {
    const all = await Promise.all([1, 2, 3].map(() => shelf.fetch('a', never, load('a'))));
    expect([all.map(({name}) => name), asked]).to.deep.equal([['a', 'a', 'a'], 1]);
  });

  it('gives what is kept as long as that will do', async () => {
    const fresh = (_thing: Thing, age: number): boolean => age < 100;
    await shelf.fetch('a', fresh, load('first'));
    await clock.advance(99);
    expect((await shelf.fetch('a', fresh, load('second'))).name).to.equal('first');
    await clock.advance(1);
    expect((await shelf.fetch('a', fresh, load('second'))).name).to.equal('second');
  });

  it('drops what was not used for longest when it is too heavy', () => {
    for (const name of ['a', 'b', 'c']) shelf.put(name, {name, weight: 3});
    shelf.get('a');
    shelf.put('d', {name: 'd', weight: 4});
    expect(shelf.values().map(({name}) => name)).to.deep.equal(['d', 'a', 'c']);
    shelf.put('e', {name: 'e', weight: 99});
    expect(shelf.values().map(({name}) => name)).to.deep.equal(['e']);
  });

  it('weighs a thing once, however often it is put', () => {
    for (let at = 0; at < 20; at++) shelf.put('a', {name: 'a', weight: 4});
    shelf.put('b', {name: 'b', weight: 6});
    expect(shelf.values().length).to.equal(2);
  });

  it('gives the old one while upstream is down, and asks again after 10 s', async () => {
    shelf.put('a', {name: 'old', weight: 1});
    let tries = 0;
    const fail = (): Promise<Thing> => {
      tries++;
      return down();
    };
    expect((await shelf.fetch('a', never, fail)).name).to.equal('old');
    expect((await shelf.fetch('a', never, fail)).name).to.equal('old');
    expect(tries).to.equal(1);
    await clock.advance(10_000);
    expect((await shelf.fetch('a', never, load('new'))).name).to.equal('new');
  });

  it('remembers a fault for 10 s where there is nothing older', async () => {
    expect(await faultOf(shelf.fetch('a', never, down))).to.be.instanceOf(ConnectFailed);
    expect(await faultOf(shelf.fetch('a', never, load('a')))).to.be.instanceOf(ConnectFailed);
    expect(asked).to.equal(0);
    await clock.advance(10_000);
    expect((await shelf.fetch('a', never, load('a'))).name).to.equal('a');
  });

  it('forgets what upstream no longer has', async () => {
    shelf.put('a', {name: 'old', weight: 1});
    expect(await faultOf(shelf.fetch('a', never, notFound))).to.be.instanceOf(NotFound);
    expect(shelf.get('a')).to.equal(undefined);
  });

  it('ends what is under way when it is closed', async () => {
    const waiting = faultOf(shelf.fetch('a', never, () => new Promise<Thing>(() => undefined)));
    shelf.close();
    expect(await waiting).to.be.instanceOf(Cancelled);
  });
});
