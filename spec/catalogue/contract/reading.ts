import {expect} from 'chai';
import type {Catalogue} from '../../../src/catalogue/catalogue.js';
import {TestClock} from '../../../src/testing/index.js';
import type {Engine} from '../engines.js';
import {ELMER, partial, PRODUCT} from '../facts.js';
import {rejection} from '../../support/rejection.js';

/** What stands, what stood, and what happened. */
export function readingContract(engine: Engine): void {
  const START = Date.UTC(2026, 0, 1);

  /** A change a minute: create, /a, /b, /a again, /b removed. Versions 1 to 5. */
  const start = async (): Promise<Catalogue> => {
    const clock = new TestClock();
    const catalogue = await engine.catalogue({clock});
    await catalogue.create('r', PRODUCT, ELMER);
    for (const write of [
      () => catalogue.publish('r', [partial('/a', 'r1')], {actor: 'daffy'}), () => catalogue.publish('r', [partial('/b', 'r1')], ELMER),
      () => catalogue.publish('r', [partial('/a', 'r2')], ELMER), () => catalogue.remove({name: 'r', path: '/b'}, {...ELMER, ifVersion: 1}),
    ]) {
      await clock.advance(60_000);
      await write();
    }
    return catalogue;
  };

  it('shows a release as it was at a version or a time', async () => {
    const catalogue = await start();
    const shape = async (moment: object): Promise<unknown> => {
      const {version, time, parts} = await catalogue.get('r', moment);
      return [version, time - START, ...parts.map(({path, version: partVersion, releaseVersion}) => `${path} ${partVersion} ${releaseVersion}`)];
    };
    expect(await shape({})).to.deep.equal([5, 240_000, '/a 2 4']);
    expect(await shape({version: 5})).to.deep.equal(await shape({}));
    expect(await shape({version: 4})).to.deep.equal([4, 180_000, '/a 2 4', '/b 1 3']);
    expect(await shape({version: 3})).to.deep.equal([3, 120_000, '/a 1 2', '/b 1 3']);
    expect(await shape({version: 1})).to.deep.equal([1, 0]);
    expect(await shape({at: START + 179_999})).to.deep.equal(await shape({version: 3}));
    expect(await shape({at: START + 180_000})).to.deep.equal(await shape({version: 4}));
    expect(await shape({at: START * 2})).to.deep.equal(await shape({}));
    for (const moment of [{version: 6}, {at: START - 1}]) expect(await rejection(catalogue.get('r', moment))).to.include({code: 'UNKNOWN_VERSION'});
    expect(await rejection(catalogue.get('s'))).to.include({code: 'UNKNOWN_RELEASE'});
    expect(await rejection(catalogue.get('r', {version: 1, at: 1}))).to.be.instanceOf(TypeError);
    expect(await rejection(catalogue.get('r', {version: 0}))).to.be.instanceOf(RangeError);
  });

  it('shows a part by its own version, the release\'s, or a time', async () => {
    const catalogue = await start();
    const froms = async (path: string, moment: object): Promise<unknown> =>
      ((await catalogue.getPart('r', path, moment)).document.partials as {from: string}[]).map(({from}) => from);
    expect(await froms('/a', {})).to.deep.equal(['r1', 'r2']);
    expect(await froms('/a', {partVersion: 2})).to.deep.equal(['r1', 'r2']);
    expect(await froms('/a', {partVersion: 1})).to.deep.equal(['r1']);
    expect(await froms('/a', {version: 3})).to.deep.equal(['r1']);
    expect(await froms('/b', {version: 4})).to.deep.equal(['r1']);
    expect(await froms('/b', {at: START + 200_000})).to.deep.equal(['r1']);
    for (const [path, moment] of [['/b', {}], ['/b', {partVersion: 2}], ['/b', {version: 2}], ['/c', {}]] as const) {
      expect(await rejection(catalogue.getPart('r', path, moment)), `${path} ${JSON.stringify(moment)}`).to.include({code: 'UNKNOWN_PART'});
    }
    expect(await rejection(catalogue.getPart('r', '/a', {partVersion: 3}))).to.include({code: 'UNKNOWN_VERSION'});
  });

  it('finds each of many versions of a part, by either number', async () => {
    const catalogue = await engine.catalogue();
    for (let n = 1; n <= 6; n++) await catalogue.publish('r', [partial('/a', `r${n}`), partial(`/other-${n}`, 'x')], {...ELMER, create: PRODUCT});
    const count = async (moment: object): Promise<number> => ((await catalogue.getPart('r', '/a', moment)).document.partials as object[]).length;
    for (let n = 1; n <= 6; n++) {
      expect(await count({partVersion: n})).to.equal(n);
      expect([await count({version: 2 * n}), await count({version: 2 * n + 1})]).to.deep.equal([n, n]);
      expect((await catalogue.get('r', {version: 2 * n + 1})).parts.map(({path, version}) => `${path} ${version}`))
        .to.deep.equal([`/a ${n}`, ...Array.from({length: n}, (_, at) => `/other-${at + 1} 1`)]);
    }
  });

  it('pages through the history, newest first, of all or of one part', async () => {
    const catalogue = await start();
    const shape = async (options?: object): Promise<unknown> =>
      (await catalogue.history('r', options)).map(({path, releaseVersion, actor, operation}) => `${releaseVersion} ${path} ${actor} ${operation}`);
    expect(await shape()).to.deep.equal(['5 /b elmer remove', '4 /a elmer publish', '3 /b elmer publish', '2 /a daffy publish', '1  elmer create']);
    expect(await shape({path: '/a'})).to.deep.equal(['4 /a elmer publish', '2 /a daffy publish']);
    expect(await shape({path: ''})).to.deep.equal(['1  elmer create']);
    expect(await shape({before: 4, limit: 1})).to.deep.equal(['3 /b elmer publish']);
    expect(await shape({path: '/a', before: 4})).to.deep.equal(['2 /a daffy publish']);
    expect(await rejection(catalogue.history('s'))).to.include({code: 'UNKNOWN_RELEASE'});
    expect(await rejection(catalogue.history('r', {limit: 1001}))).to.be.instanceOf(RangeError);
  });

  it('keeps its order when clocks go wrong', async () => {
    const ahead = await engine.catalogue({clock: new TestClock({time: START + 1e9})});
    const behind = await engine.catalogue({clock: new TestClock({time: START - 1e9})});
    await ahead.publish('r', [partial('/a', 'r1')], {...ELMER, create: PRODUCT});
    await behind.publish('r', [partial('/a', 'r2')], ELMER);
    expect((await ahead.history('r')).map(({releaseVersion}) => releaseVersion)).to.deep.equal([3, 2, 1]);
    expect((await ahead.get('r', {at: START})).version).to.equal(3);
    expect((await ahead.changes()).map(({seq}) => seq)).to.deep.equal([1, 2, 3]);
  });

  it('tells what changed between two versions, in either direction', async () => {
    const catalogue = await start();
    const shape = async (from: number, to: number): Promise<unknown> =>
      (await catalogue.diff('r', from, to)).map(({path, changes}) => [path, ...changes.map((change) => `${change.change} ${change.path}`)]);
    expect(await shape(2, 5)).to.deep.equal([['/a', 'added /partials/r2']]);
    expect(await shape(3, 5)).to.deep.equal([['/a', 'added /partials/r2'], ['/b', 'removed ']]);
    expect(await shape(5, 3)).to.deep.equal([['/a', 'removed /partials/r2'], ['/b', 'added ']]);
    expect(await shape(0, 1)).to.deep.equal([['', 'added ']]);
    expect(await shape(4, 4)).to.deep.equal([]);
    expect(await rejection(catalogue.diff('r', 1, 9))).to.include({code: 'UNKNOWN_VERSION'});
  });

  it('feeds every change of every release, oldest first, from any place', async () => {
    const catalogue = await start();
    await catalogue.publish('q', [partial('/a', 'r1')], {...ELMER, create: {product: 'fenix'}});
    const seqs = async (options?: object): Promise<unknown> => (await catalogue.changes(options)).map(({name, seq}) => `${name}${seq}`);
    expect(await seqs()).to.deep.equal(['r1', 'r2', 'r3', 'r4', 'r5', 'q6', 'q7']);
    expect(await seqs({after: 4, limit: 2})).to.deep.equal(['r5', 'q6']);
    expect(await seqs({after: 2, name: 'q'})).to.deep.equal(['q6', 'q7']);
    expect(await seqs({after: 7})).to.deep.equal([]);
    const {document, pruned, actor} = await catalogue.change(2);
    expect([actor, pruned, (document?.partials as object[]).length]).to.deep.equal(['daffy', false, 1]);
    expect(await catalogue.change(5)).to.include({removed: true, document: undefined, pruned: false});
    expect((await catalogue.list({product: 'fenix'})).map(({name}) => name)).to.deep.equal(['q']);
    expect((await catalogue.list({after: 'q', limit: 5})).map(({name}) => name)).to.deep.equal(['r']);
  });
}
