import {expect} from 'chai';
import type {MergeConflict, PrunedAncestor, StaleVersion} from '../../../src/catalogue/catalogue-errors.js';
import type {Catalogue} from '../../../src/catalogue/catalogue.js';
import {TestClock} from '../../../src/testing/index.js';
import type {Engine} from '../engines.js';
import {ELMER, partial, PRODUCT} from '../facts.js';
import {rejection} from '../../support/rejection.js';
import {expectWholeHistory} from '../whole-history.js';

const PART = {name: 'r', path: '/a'};

/** Patches are made for a base, and merged into what stands. */
export function patchingContract(engine: Engine): void {
  const start = async (): Promise<Catalogue> => {
    const catalogue = await engine.catalogue();
    await catalogue.publish('r', [partial('/a', 'r1')], {...ELMER, create: PRODUCT});
    return catalogue;
  };
  const add = (from: string): {op: string; path: string; value: object}[] =>
    [{op: 'add', path: '/partials/-', value: {from, digest: 'd', size: 1}}];

  it('merges what was made for an old version, by the part\'s number or the release\'s, in one history row', async () => {
    const catalogue = await start();
    await catalogue.publish('r', [partial('/a', 'r2')], ELMER);
    const byPart = await catalogue.patch(PART, add('r3') as never, {...ELMER, base: 1});
    expect(byPart).to.include({version: 4, attempts: 1, merged: true}).and.to.have.property('changes').with.length(1);
    const byRelease = await catalogue.patch(PART, add('r4') as never, {...ELMER, releaseBase: 2});
    expect(byRelease).to.include({version: 5, merged: true}).and.to.have.property('changes').with.length(1);
    const {document, version} = await catalogue.getPart('r', '/a');
    expect((document.partials as {from: string}[]).map(({from}) => from)).to.deep.equal(['r1', 'r2', 'r3', 'r4']);
    expect(version).to.equal(4);
    await expectWholeHistory(engine);
  });

  it('is not merged when the base is the tip', async () => {
    const catalogue = await start();
    expect(await catalogue.patch(PART, {note: 'x'}, {...ELMER, base: 1})).to.include({version: 3, merged: false});
    expect((await catalogue.patch(PART, {note: 'x'}, {...ELMER, base: 2})).changes).to.deep.equal([]);
  });

  it('collects every real conflict, and leaves no trace', async () => {
    const catalogue = await start();
    await catalogue.patch(PART, {note: 'theirs', other: 1}, {...ELMER, base: 1});
    const before = await engine.dump();
    const error = await rejection<MergeConflict>(catalogue.patch(PART, {note: 'mine', other: 2, more: true}, {...ELMER, base: 1}));
    expect(error).to.include({code: 'MERGE_CONFLICT', currentVersion: 2});
    expect(error.conflicts).to.deep.equal([
      {part: '/a', path: '/note', kind: 'both-changed', tip: 'theirs', incoming: 'mine'},
      {part: '/a', path: '/other', kind: 'both-changed', tip: 1, incoming: 2}]);
    expect(await engine.dump()).to.equal(before);
  });

  it('says which operation failed, `test` included', async () => {
    const catalogue = await start();
    const before = await engine.dump();
    for (const [patch, pointer] of [
      [[{op: 'test', path: '/partials/0/size', value: 8}], '/0'], [[...add('x'), {op: 'remove', path: '/nothing'}], '/1'], [[{op: 'dance', path: ''}], '/0'],
    ] as const) {
      expect(await rejection(catalogue.patch(PART, patch as never, {...ELMER, base: 1}))).to.include({code: 'PATCH_FAILED', pointer});
    }
    expect(await engine.dump()).to.equal(before);
  });

  it('refuses what the patch would leave: no object, items without a key, unsafe numbers', async () => {
    const catalogue = await start();
    const before = await engine.dump();
    for (const value of [[], 'text', {partials: [{size: 1}]}, {partials: [{from: 'x'}, {from: 'x'}]}, {n: 2 ** 60}]) {
      const patch = [{op: 'replace', path: '', value}] as never;
      expect(await rejection(catalogue.patch(PART, patch, {...ELMER, base: 1})), JSON.stringify(value)).to.include({code: 'INVALID_DOCUMENT'});
    }
    expect(await engine.dump()).to.equal(before);
  });

  it('makes a part that isn\'t there, and joins two who both made it', async () => {
    const catalogue = await start();
    const target = {name: 'r', path: '/new'};
    await catalogue.patch(target, {partials: [{from: 'x'}], a: 1}, {...ELMER, base: 0});
    expect(await catalogue.patch(target, {partials: [{from: 'y'}], b: 2}, {...ELMER, releaseBase: 2})).to.include({merged: true});
    expect((await catalogue.getPart('r', '/new')).document).to.deep.equal({partials: [{from: 'x'}, {from: 'y'}], a: 1, b: 2});
  });

  it('patches several parts of a release at once, each merged with its own tip', async () => {
    const catalogue = await start();
    await catalogue.publish('r', [partial('/b', 'r1'), partial('/c', 'r1')], ELMER);
    await catalogue.publish('r', [partial('/a', 'r2')], ELMER);
    const patch = {'/a': {note: 'a'}, '/b': null, '/d': {note: 'd'}};
    const result = await catalogue.patch({name: 'r'}, patch, {...ELMER, base: 4});
    expect(result).to.include({version: 8, merged: true});
    expect(result.changes.map(({path, removed}) => [path, removed])).to.deep.equal([['/a', false], ['/b', true], ['/d', false]]);
    const {parts} = await catalogue.get('r');
    expect(parts.map(({path}) => path)).to.deep.equal(['/a', '/c', '/d']);
    expect((parts[0]?.document.partials as object[]).length).to.equal(2);
    const operations = [{op: 'copy', from: '/~1a/note', path: '/~1c/note'}, {op: 'test', path: '/~1d/note', value: 'd'}];
    expect((await catalogue.patch({name: 'r'}, operations, {...ELMER, base: 8})).changes.map(({path}) => path)).to.deep.equal(['/c']);
    await catalogue.patch({name: 'r'}, [{op: 'replace', path: '', value: {'/e': {x: 1}}}], {...ELMER, base: 9});
    expect((await catalogue.get('r')).parts.map(({path}) => path)).to.deep.equal(['/e']);
    await expectWholeHistory(engine);
  });

  it('refuses a base that is ahead, that never was, or that was pruned', async () => {
    const catalogue = await engine.catalogue({clock: new TestClock({autoAdvance: true})});
    for (const from of ['r1', 'r2', 'r3', 'r4']) await catalogue.publish('r', [partial('/a', from)], {...ELMER, create: PRODUCT});
    expect(await rejection<StaleVersion>(catalogue.patch(PART, {}, {...ELMER, base: 9}))).to.include({code: 'STALE_VERSION', currentVersion: 4});
    expect(await rejection<StaleVersion>(catalogue.patch(PART, {}, {...ELMER, releaseBase: 9}))).to.include({code: 'STALE_VERSION', currentVersion: 5});
    expect(await catalogue.prune({olderThan: -0, keep: 2, batch: 2})).to.deep.equal({bodies: 0, requests: 0});
    const later = await engine.catalogue({clock: new TestClock({autoAdvance: true, time: Date.UTC(2027, 0, 1)})});
    expect(await later.prune({keep: 2, batch: 2})).to.deep.equal({bodies: 2, requests: 0});
    expect(await later.prune({keep: 2, batch: 2})).to.deep.equal({bodies: 0, requests: 0});
    for (const options of [{base: 2}, {releaseBase: 3}]) {
      expect(await rejection<PrunedAncestor>(later.patch(PART, {x: 1}, {...ELMER, ...options}))).to.include({code: 'PRUNED_ANCESTOR', currentVersion: 4});
    }
    expect(await later.patch(PART, {x: 1}, {...ELMER, base: 3})).to.include({merged: true});
    expect((await later.history('r')).length).to.equal(6);
    expect(await later.change(2)).to.include({pruned: true, document: undefined});
  });
}
