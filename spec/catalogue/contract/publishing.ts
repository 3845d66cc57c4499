import {expect} from 'chai';
import type {InvalidFact, MergeConflict} from '../../../src/catalogue/catalogue-errors.js';
import type {Fact} from '../../../src/catalogue/contract.js';
import type {Engine} from '../engines.js';
import {complete, ELMER, partial, PRODUCT} from '../facts.js';
import {rejection} from '../../support/rejection.js';
import {expectWholeHistory} from '../whole-history.js';

const NEW = {...ELMER, create: PRODUCT};

/** Facts go in, once each. */
export function publishingContract(engine: Engine): void {
  it('makes the release when told how, and says what became of it', async () => {
    const catalogue = await engine.catalogue();
    const result = await catalogue.publish('r', [partial('/linux/fr', 'r1'), complete('/linux/de', 'a.zip')], NEW);
    expect(result).to.include({name: 'r', version: 3, attempts: 1, merged: false, replayed: false});
    expect(result.changes.map(({path, partVersion, releaseVersion, operation, seq}) => [path, partVersion, releaseVersion, operation, seq]))
      .to.deep.equal([['', 1, 1, 'create', 1], ['/linux/de', 1, 2, 'publish', 2], ['/linux/fr', 1, 3, 'publish', 3]]);
    const release = await catalogue.get('r');
    expect(release).to.include({name: 'r', product: 'firefox', schema: 1, hashFunction: 'sha512', readOnly: false, version: 3});
    expect(release.parts.map(({path, document}) => [path, document])).to.deep.equal([
      ['/linux/de', {completes: [{key: 'a.zip', digest: 'c'.repeat(128), size: 9}]}],
      ['/linux/fr', {partials: [{from: 'r1', digest: 'a'.repeat(128), size: 7, url: 'https://example.org/r1.mar'}]}]]);
    await expectWholeHistory(engine);
  });

  it('refuses an unknown release, and leaves no trace', async () => {
    const catalogue = await engine.catalogue();
    const before = await engine.dump();
    expect(await rejection(catalogue.publish('r', [partial('/a', 'r1')], ELMER))).to.include({name: 'UnknownRelease', code: 'UNKNOWN_RELEASE'});
    expect(await engine.dump()).to.equal(before);
  });

  it('takes an equal fact as there already, without a version', async () => {
    const catalogue = await engine.catalogue();
    await catalogue.publish('r', [partial('/a', 'r1')], NEW);
    const before = await engine.dump();
    const {url: _, ...less} = partial('/a', 'r1', 'A');
    for (const fact of [partial('/a', 'r1'), less]) {
      expect(await catalogue.publish('r', [fact], NEW)).to.include({version: 2, attempts: 1}).and.to.deep.include({changes: []});
    }
    expect(await engine.dump()).to.equal(before);
  });

  it('never overwrites: the same key with another digest is a conflict that names both', async () => {
    const catalogue = await engine.catalogue();
    await catalogue.publish('r', [partial('/a', 'r/1')], NEW);
    const before = await engine.dump();
    const error = await rejection<MergeConflict>(catalogue.publish('r', [partial('/b', 'r1'), partial('/a', 'r/1', 'b')], ELMER));
    expect(error).to.include({name: 'MergeConflict', code: 'MERGE_CONFLICT', currentVersion: 2, retryable: false});
    const [conflict] = error.conflicts;
    expect(conflict).to.include({part: '/a', path: '/partials/r~11', kind: 'both-changed', index: 1});
    expect(conflict?.tip).to.include({digest: 'a'.repeat(128)});
    expect(conflict?.incoming).to.include({digest: 'b'.repeat(128)});
    expect(await engine.dump()).to.equal(before);
  });

  it('is all or nothing, with a pointer to the bad fact', async () => {
    const catalogue = await engine.catalogue();
    const before = await engine.dump();
    const facts = [partial('/a', 'r1'), {...partial('/a', 'r2'), size: -1}];
    expect(await rejection<InvalidFact>(catalogue.publish('r', facts, NEW))).to.include({code: 'INVALID_FACT', index: 1, pointer: '/1/size'});
    expect(await engine.dump()).to.equal(before);
  });

  it('goes by item on request: the good ones are in, each bad one says why', async () => {
    const catalogue = await engine.catalogue();
    await catalogue.publish('r', [partial('/a', 'r1')], NEW);
    const facts = [partial('/a', 'r2'), {...partial('/a', 'r3'), digest: 'no'}, partial('/a', 'r1', 'b'), partial('/a', 'r1'), partial('/c', 'r1')];
    const {items, changes, version} = await catalogue.publish('r', facts, {...ELMER, perItem: true});
    expect(items?.map(({index, outcome, code}) => [index, outcome, code])).to.deep.equal([
      [0, 'added', undefined], [1, 'refused', 'INVALID_FACT'], [2, 'refused', 'MERGE_CONFLICT'], [3, 'equal', undefined], [4, 'added', undefined]]);
    expect([version, changes.length]).to.deep.equal([4, 2]);
    await expectWholeHistory(engine);
  });

  it('takes a batch of any size in one transaction, with one history row per part', async () => {
    const catalogue = await engine.catalogue();
    const facts: Fact[] = [];
    for (let n = 0; n < 1200; n++) facts.push(partial(`/p${n % 600}`, `r${n}`));
    const {changes, version} = await catalogue.publish('r', facts, NEW);
    expect([changes.length, version]).to.deep.equal([601, 601]);
    expect((await catalogue.publish('r', facts, ELMER)).changes).to.deep.equal([]);
    await expectWholeHistory(engine);
  });

  it('keeps names, paths and keys with odd characters apart', async () => {
    const catalogue = await engine.catalogue();
    const odd = ['a', 'A', 'ä', 'a\u0308', 'a.b', 'a/b', '~', '%', '_', '\'; drop table part; --', '"', '\\', '$1', '?', '😀', ' ', 'constructor'];
    for (const name of odd) await catalogue.publish(name, odd.map((key) => partial(`/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, key)), NEW);
    expect((await catalogue.list({limit: 50})).map(({name}) => name)).to.have.members(odd).and.to.have.length(odd.length);
    for (const name of ['A', '\'; drop table part; --', '😀']) {
      expect((await catalogue.get(name)).parts.map(({path}) => path)).to.have.length(odd.length);
      expect((await catalogue.getPart(name, '/a~1b')).document).to.deep.include({partials: [{from: 'a/b', digest: 'a'.repeat(128), size: 7,
        url: 'https://example.org/a/b.mar'}]});
    }
    await expectWholeHistory(engine);
  });
}
