import {expect} from 'chai';
import type {MergeConflict, StaleVersion} from '../../../src/catalogue/catalogue-errors.js';
import type {JsonObject} from '../../../src/core/json.js';
import {SystemClock} from '../../../src/core/clock.js';
import {rejection} from '../../support/rejection.js';
import {ELMER, partial, PRODUCT} from '../facts.js';
import {useServedCatalogue} from './served-catalogue.js';

const PART = {name: 'r', path: '/a'};

/** A list in a document. */
function items(document: JsonObject, name: string): string[] {
  return (document[name] ?? []) as string[];
}

/** The machine's clock, of which waits are a hundred times as short. */
class HastyClock extends SystemClock {
  readonly waits: number[] = [];

  override wait(ms: number, signal?: AbortSignal): Promise<void> {
    this.waits.push(ms);
    return super.wait(ms / 100, signal);
  }
}

describe('CatalogueClient.update', function suite() {
  this.timeout(30_000);
  const served = useServedCatalogue();
  beforeEach(() => served.catalogue.create('r', PRODUCT, ELMER));

  it('makes what 16 clients do to one document at once come to all of it', async () => {
    const clock = new HastyClock();
    let calls = 0;
    await Promise.all(Array.from({length: 16}, async (_, n) => {
      const client = served.client({clock, random: Math.random});
      for (let round = 0; round < 3; round++) {
        await client.update(PART, (document) => {
          calls++;
          return {...document, done: [...items(document, 'done'), `${n}.${round}`], count: Number(document.count ?? 0) + 1};
        }, {actor: `client ${n}`});
      }
    }));
    const {document, version} = await served.catalogue.getPart('r', '/a');
    const all = Array.from({length: 48}, (_, at) => `${Math.floor(at / 3)}.${at % 3}`);
    expect([...items(document, 'done')].sort()).to.deep.equal(all.sort());
    expect([document.count, version]).to.deep.equal([48, 48]);
    expect(calls).to.be.above(48);
    expect(clock.waits).to.have.length(calls - 48);
    expect(Math.max(...clock.waits)).to.be.at.most(5000);
  });

  it('calls the function again with what the quicker one wrote, after a pause that doubles', async () => {
    const client = served.client();
    const seen: unknown[] = [];
    const result = await client.update(PART, async (document, version) => {
      seen.push([document.note, version]);
      if (seen.length < 5) await served.catalogue.replace(PART, {note: seen.length}, {...ELMER, ifVersion: version});
      return {...document, mine: true};
    }, ELMER);
    expect(seen).to.deep.equal([[undefined, 0], [1, 1], [2, 2], [3, 3], [4, 4]]);
    expect(result).to.include({merged: false, attempts: 1, version: 6});
    expect((await served.catalogue.getPart('r', '/a')).document).to.deep.equal({note: 4, mine: true});
    expect(served.clock.waits).to.deep.equal([100, 200, 400, 800]);
  });

  it('gives up after as many races as it may lose, at the deadline, and when the signal says so', async () => {
    const client = served.client();
    const lose = async (_document: JsonObject, version: number): Promise<JsonObject> => {
      await served.catalogue.replace(PART, {note: version}, {...ELMER, ifVersion: version});
      return {};
    };
    expect(await rejection<StaleVersion>(client.update(PART, lose, {...ELMER, races: 2}))).to.include({code: 'STALE_VERSION', currentVersion: 3});
    expect(await rejection(client.update(PART, lose, {...ELMER, deadline: 350}))).to.include({code: 'STALE_VERSION'});
    expect(served.clock.waits).to.deep.equal([100, 200, 100, 200]);
    const left = new AbortController();
    const leave = async (document: JsonObject, version: number): Promise<JsonObject> => {
      left.abort(new Error('enough'));
      return lose(document, version);
    };
    expect(await rejection(client.update(PART, leave, {...ELMER, signal: left.signal}))).to.include({message: 'enough'});
  });

  it('writes nothing when the function changes nothing, and passes on what it throws', async () => {
    const client = served.client();
    expect(await client.update(PART, () => undefined, ELMER)).to.equal(undefined);
    expect(await rejection(client.update(PART, () => { throw new Error('mine'); }, ELMER))).to.include({message: 'mine'});
    expect(await served.catalogue.changes()).to.have.length(1);
    expect(await rejection(client.update({name: 'unknown'}, () => ({}), ELMER))).to.include({code: 'UNKNOWN_RELEASE'});
  });

  it('merges on request: others\' facts are kept without another round, and a contradiction is shown and not repeated', async () => {
    const client = served.client();
    await served.catalogue.replace(PART, {note: 'old', partials: []}, {...ELMER, ifVersion: 0});
    let calls = 0;
    const result = await client.update(PART, async (document) => {
      calls++;
      await served.catalogue.publish('r', [partial('/a', 'r1')], ELMER);
      return {...document, mine: true};
    }, {...ELMER, mode: 'merge'});
    expect([result?.merged, calls]).to.deep.equal([true, 1]);
    expect((await served.catalogue.getPart('r', '/a')).document).to.deep.include({mine: true}).and.to.have.nested.property('partials[0].from', 'r1');
    const conflict = await rejection<MergeConflict>(client.update(PART, async (document) => {
      calls++;
      await served.catalogue.patch(PART, {note: 'theirs'}, {...ELMER, base: 3});
      return {...document, note: 'mine'};
    }, {...ELMER, mode: 'merge'}));
    expect(conflict).to.include({code: 'MERGE_CONFLICT', currentVersion: 4});
    expect(conflict.conflicts).to.deep.equal([{part: '/a', path: '/note', kind: 'both-changed', ancestor: 'old', tip: 'theirs', incoming: 'mine'}]);
    expect([calls, served.clock.waits]).to.deep.equal([2, []]);
  });

  it('updates all parts of a release at once', async () => {
    const client = served.client();
    await client.update({name: 'r'}, (documents) => ({...documents, '/a': {x: 1}, '/b': {y: 2}}), ELMER);
    await client.update({name: 'r'}, ({'/a': gone, ...documents}) => ({...documents, '/c': gone ?? null}), ELMER);
    expect((await served.catalogue.get('r')).parts.map(({path, document}) => [path, document])).to.deep.equal([['/b', {y: 2}], ['/c', {x: 1}]]);
  });
});
