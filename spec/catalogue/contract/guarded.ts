import {expect} from 'chai';
import type {StaleVersion} from '../../../src/catalogue/catalogue-errors.js';
import type {Catalogue} from '../../../src/catalogue/catalogue.js';
import type {Engine} from '../engines.js';
import {ELMER, partial, PRODUCT} from '../facts.js';
import {rejection} from '../../support/rejection.js';
import {expectWholeHistory} from '../whole-history.js';

const PART = {name: 'r', path: '/a'};

/** Writes that replace exactly the version that they were made for. */
export function guardedContract(engine: Engine): void {
  const start = async (): Promise<Catalogue> => {
    const catalogue = await engine.catalogue();
    await catalogue.publish('r', [partial('/a', 'r1'), partial('/b', 'r1')], {...ELMER, create: PRODUCT});
    return catalogue;
  };

  it('creates once: an equal head changes nothing, another one is refused', async () => {
    const catalogue = await engine.catalogue();
    expect(await catalogue.create('r', {product: 'firefox', schema: 4, hashFunction: 'SHA-512'}, ELMER)).to.include({version: 1});
    const before = await engine.dump();
    expect(await catalogue.create('r', {product: 'firefox', schema: 4}, ELMER)).to.include({version: 1}).and.deep.include({changes: []});
    for (const head of [{product: 'fenix', schema: 4}, {product: 'firefox'}, {product: 'firefox', schema: 4, hashFunction: 'sha256'}]) {
      expect(await rejection(catalogue.create('r', head, ELMER))).to.include({code: 'RELEASE_EXISTS'});
    }
    expect(await engine.dump()).to.equal(before);
  });

  it('replaces a part at its version, and says which one stands when it is another', async () => {
    const catalogue = await start();
    expect(await catalogue.replace(PART, {note: 'x'}, {...ELMER, ifVersion: 1})).to.include({version: 4, merged: false});
    const before = await engine.dump();
    expect(await rejection<StaleVersion>(catalogue.replace(PART, {note: 'y'}, {...ELMER, ifVersion: 1})))
      .to.include({name: 'StaleVersion', code: 'STALE_VERSION', currentVersion: 2, retryable: false});
    expect(await rejection(catalogue.replace({name: 'r', path: '/c'}, {}, {...ELMER, ifVersion: 'any'}))).to.include({code: 'UNKNOWN_PART'});
    expect(await rejection<StaleVersion>(catalogue.replace(PART, {}, {...ELMER, ifVersion: 0}))).to.include({currentVersion: 2});
    expect((await catalogue.replace(PART, {note: 'x'}, {...ELMER, ifVersion: 'any'})).changes).to.deep.equal([]);
    expect(await engine.dump()).to.equal(before);
    expect((await catalogue.getPart('r', '/a')).document).to.deep.equal({note: 'x'});
    await catalogue.replace({name: 'r', path: '/c'}, {}, {...ELMER, ifVersion: 0});
    await expectWholeHistory(engine);
  });

  it('replaces all parts of a release at the release\'s version', async () => {
    const catalogue = await start();
    expect(await rejection<StaleVersion>(catalogue.replace({name: 'r'}, {}, {...ELMER, ifVersion: 2}))).to.include({currentVersion: 3});
    const {changes} = await catalogue.replace({name: 'r'}, {'/b': {note: 'x'}, '/c': {}}, {...ELMER, ifVersion: 3});
    expect(changes.map(({path, removed}) => [path, removed])).to.deep.equal([['/a', true], ['/b', false], ['/c', false]]);
    expect((await catalogue.get('r')).parts.map(({path, version, document}) => [path, version, document])).to.deep.equal([
      ['/b', 2, {note: 'x'}], ['/c', 1, {}]]);
    await expectWholeHistory(engine);
  });

  it('removes and makes again: no counter goes back', async () => {
    const catalogue = await start();
    expect(await catalogue.remove(PART, {...ELMER, ifVersion: 1})).to.include({version: 4});
    expect(await rejection(catalogue.getPart('r', '/a'))).to.include({code: 'UNKNOWN_PART'});
    expect(await rejection(catalogue.remove(PART, {...ELMER, ifVersion: 'any'}))).to.include({code: 'UNKNOWN_PART'});
    await catalogue.publish('r', [partial('/a', 'r9')], ELMER);
    expect(await catalogue.getPart('r', '/a')).to.include({version: 3, releaseVersion: 5});

    expect(await catalogue.remove({name: 'r'}, {...ELMER, ifVersion: 5})).to.include({version: 8});
    expect(await rejection(catalogue.get('r'))).to.include({code: 'UNKNOWN_RELEASE'});
    expect(await catalogue.list()).to.deep.equal([]);
    for (const write of [
      () => catalogue.publish('r', [partial('/a', 'r1')], ELMER), () => catalogue.remove({name: 'r'}, {...ELMER, ifVersion: 8}),
      () => catalogue.replace(PART, {}, {...ELMER, ifVersion: 0}), () => catalogue.setReadOnly('r', true, {...ELMER, ifVersion: 'any'}),
    ]) expect(await rejection(write())).to.include({code: 'UNKNOWN_RELEASE'});
    await catalogue.create('r', {product: 'fenix'}, ELMER);
    expect(await catalogue.publish('r', [partial('/a', 'r1')], ELMER)).to.include({version: 10});
    const release = await catalogue.get('r');
    expect(release).to.include({product: 'fenix', version: 10});
    expect(release.parts.map(({path, version}) => [path, version])).to.deep.equal([['/a', 5]]);
    expect((await catalogue.get('r', {version: 5})).product).to.equal('firefox');
    await expectWholeHistory(engine);
  });

  it('closes a release to every change but the one that opens it', async () => {
    const catalogue = await start();
    expect(await rejection<StaleVersion>(catalogue.setReadOnly('r', true, {...ELMER, ifVersion: 1}))).to.include({currentVersion: 3});
    expect(await catalogue.setReadOnly('r', true, {...ELMER, ifVersion: 3})).to.include({version: 4});
    const before = await engine.dump();
    for (const write of [
      () => catalogue.publish('r', [partial('/a', 'r2')], ELMER), () => catalogue.patch(PART, {x: 1}, {...ELMER, base: 1}),
      () => catalogue.replace(PART, {}, {...ELMER, ifVersion: 1}), () => catalogue.remove({name: 'r'}, {...ELMER, ifVersion: 4}),
      () => catalogue.revert(2, ELMER),
    ]) expect(await rejection(write())).to.include({code: 'READ_ONLY_RELEASE'});
    expect((await catalogue.setReadOnly('r', true, {...ELMER, ifVersion: 'any'})).changes).to.deep.equal([]);
    expect(await engine.dump()).to.equal(before);
    await catalogue.setReadOnly('r', false, {...ELMER, ifVersion: 'any'});
    expect(await catalogue.publish('r', [partial('/a', 'r2')], ELMER)).to.include({version: 6});
    await expectWholeHistory(engine);
  });

  it('reverts to what a change made, as a new version', async () => {
    const catalogue = await start();
    await catalogue.replace(PART, {note: 'bad'}, {...ELMER, ifVersion: 1});
    const removal = await catalogue.remove(PART, {...ELMER, ifVersion: 2});
    expect(await catalogue.revert(2, ELMER)).to.include({version: 6});
    expect(await catalogue.getPart('r', '/a')).to.include({version: 4}).and.to.have.nested.property('document.partials[0].from', 'r1');
    expect((await catalogue.revert(2, ELMER)).changes).to.deep.equal([]);
    expect(await rejection<StaleVersion>(catalogue.revert(4, {...ELMER, ifVersion: 3}))).to.include({currentVersion: 4});
    await catalogue.revert(removal.changes[0]?.seq ?? 0, {...ELMER, ifVersion: 4});
    expect(await rejection(catalogue.getPart('r', '/a'))).to.include({code: 'UNKNOWN_PART'});
    expect(await rejection(catalogue.revert(1, ELMER))).to.include({code: 'INVALID_DOCUMENT'});
    expect(await rejection(catalogue.revert(99, ELMER))).to.include({code: 'UNKNOWN_VERSION'});
    await expectWholeHistory(engine);
  });
}
