import {expect} from 'chai';
import {SystemClock} from '../../../src/core/clock.js';
import {PreferenceCleanup} from '../../../src/preferences/cleanup/preference-cleanup.js';
import {openPreferenceStore} from '../../../src/preferences/store/open-preference-store.js';
import type {SqlPreferenceStore} from '../../../src/preferences/store/sql-preference-store.js';
import {usePostgres} from '../../support/postgres.js';
import {memoryStore} from '../memory-stores.js';
import {SwitchedProxy} from '../switched-proxy.js';
import {cleanupRegistry} from './cleanup-stage.js';

const REQUEST = {apply: true, deletedScopes: ['gone'], deletedOwners: ['bugs']};

describe('PreferenceCleanup with a central PostgreSQL', function central() {
  this.timeout(20_000);
  const postgres = usePostgres();
  let closing: {close(): Promise<void>}[] = [];

  afterEach(async () => {
    const closed = closing;
    closing = [];
    for (const one of closed) await one.close();
  });

  const open = (url: string): SqlPreferenceStore => {
    const store = openPreferenceStore(url, {clock: new SystemClock(), random: Math.random, limit: 300, postgres: {connectTimeout: 300}});
    closing.unshift(store);
    return store;
  };
  const withOptions = (...options: string[]): string =>
    `${postgres.url}?options=${encodeURIComponent([`-c search_path=${postgres.schema}`, ...options].join(' '))}`;

  it('removes nothing without proof: a server that takes no writes, one that is silent, one that is not there', async () => {
    const local = memoryStore();
    closing.push(local);
    const primary = open(withOptions());
    await primary.writeGlobals([{owner: 'bugs', setting: 'redirects', value: '1'}, {owner: 'elmer', setting: 'redirects', value: '1'}]);
    await local.writeLocals([{owner: 'elmer', scope: 'gone', setting: 'redirects', value: '1'}]);
    const {hostname, port} = new URL(postgres.url);
    const proxy = await SwitchedProxy.before(hostname, Number(port));
    closing.push(proxy);
    const through = open(withOptions().replace(`:${port}/`, `:${proxy.port}/`));
    await through.prepare();
    proxy.swallow();
    for (const [store, reason] of [
      [open(withOptions('-c default_transaction_read_only=on')), /takes no writes/], [through, /no answer/],
      [open(withOptions().replace(`:${port}/`, ':1/')), /can't be asked/]] as const) {
      const cleanup = new PreferenceCleanup({registry: cleanupRegistry(), local, central: store, gate: {writePatience: 400}});
      const report = await cleanup.run(REQUEST);
      expect(report).to.include({outcome: 'incomplete', rows: 0});
      expect(report.reason).to.match(reason);
    }
    proxy.speak();
    const report = await new PreferenceCleanup({registry: cleanupRegistry(), local, central: primary}).run(REQUEST);
    expect(report).to.include({outcome: 'complete', rows: 2});
    expect([...(await primary.globals(['bugs', 'elmer'])).values()].map(({length}) => length)).to.deep.equal([0, 1]);
  });

  it('keeps its log beside the rows, and undoes from both', async () => {
    const local = memoryStore();
    closing.push(local);
    const primary = open(withOptions());
    await primary.writeGlobals([{owner: 'bugs', setting: 'redirects', value: '1'}]);
    await local.writeLocals([{owner: 'elmer', scope: 'gone', setting: 'redirects', value: '3', exception: true}]);
    const cleanup = new PreferenceCleanup({registry: cleanupRegistry(), local, central: primary});
    const {run = ''} = await cleanup.run(REQUEST);
    expect(await cleanup.runs()).to.have.length(1);
    expect(await cleanup.undo(run)).to.deep.equal({run, restored: 2, overtaken: 0, lost: 0});
    expect((await primary.globals(['bugs'])).get('bugs')?.map(({value}) => value)).to.deep.equal(['1']);
    expect((await local.locals('gone', ['elmer'], undefined)).get('elmer')?.rows).to.have.length(1);
    expect(await cleanup.forget(Date.now() + 1)).to.equal(2);
    expect(await cleanup.runs()).to.deep.equal([]);
  });
});
