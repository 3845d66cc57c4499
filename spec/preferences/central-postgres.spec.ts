import {expect} from 'chai';
import {SystemClock} from '../../src/core/clock.js';
import {CentralReadOnly, CentralUnavailable, SettingUnavailable, StoreFault} from '../../src/preferences/preferences-errors.js';
import {Preferences} from '../../src/preferences/preferences.js';
import {downloadRegistry} from '../../src/preferences/registry/download-registry.js';
import {openPreferenceStore} from '../../src/preferences/store/open-preference-store.js';
import {usePostgres} from '../support/postgres.js';
import {HERE, rejectionOf} from './preferences-stage.js';
import {memoryStore} from './memory-stores.js';
import {SwitchedProxy} from './switched-proxy.js';

/** Short, so that the specs are; the true figures are those of CentralGate's own spec. */
const GATE = {patience: 400, writePatience: 2000, failures: 2, pause: 30_000};

describe('Preferences with a central PostgreSQL', function central() {
  this.timeout(20_000);
  const postgres = usePostgres();
  let closing: {close(): Promise<void>}[] = [];

  afterEach(async () => {
    const closed = closing.reverse();
    closing = [];
    for (const one of closed) await one.close();
  });

  const kept = <T extends {close(): Promise<void>}>(one: T): T => {
    closing.push(one);
    return one;
  };

  const open = (url: string, schema = postgres.schema): Preferences => kept(new Preferences({
    registry: downloadRegistry(), local: memoryStore(), gate: GATE,
    central: openPreferenceStore(url,
      {clock: new SystemClock(), random: Math.random, postgres: {schema, connections: 3, connectTimeout: 300}, limit: 300}),
  }));

  it('shares global values with other processes, and nothing local', async () => {
    const [one, two] = [open(postgres.url), open(postgres.url)];
    await one.setGlobal('elmer', 'proxy.url', 'http://gateway.example');
    await one.setLocal(HERE, 'retry.count', 1);
    expect(await two.get(HERE, 'proxy.url')).to.equal('http://gateway.example');
    expect(await two.get(HERE, 'retry.count')).to.equal(4);
  });

  it('refuses global writes and writes nothing anywhere when the database is really read-only', async () => {
    const name = `${postgres.schema}_read_only`;
    const client = await postgres.client();
    await client.query(`create database ${name}`);
    const url = postgres.url.replace(/\/postgres$/, `/${name}`);
    try {
      const writing = open(url, 'public');
      await writing.setGlobal('elmer', 'retry.count', 1);
      await client.query(`alter database ${name} set default_transaction_read_only = on`);
      const preferences = open(url, 'public');
      expect(await preferences.get(HERE, 'retry.count')).to.equal(1);
      for (const work of [
        () => preferences.setGlobal('elmer', 'retry.count', 2),
          () => preferences.setGlobal('elmer', 'retry.count', 2, {except: [HERE.scope]}),
        () => preferences.setLocal(HERE, 'retry.count', 2, {mode: 'update'}), () => preferences.removeGlobal('elmer', 'retry.count'),
        () => preferences.removeAllGlobals('elmer')]) expect(await rejectionOf(work())).to.be.instanceOf(CentralReadOnly);
      expect(await preferences.inspect(HERE, 'retry.count')).to.include({exception: false, local: undefined});
      expect(await preferences.setLocal(HERE, 'retry.count', 3, {mode: 'override'})).to.include({rows: 1, target: 'local'});
      expect(await preferences.get(HERE, 'retry.count')).to.equal(3);
      await preferences.clearException(HERE, 'retry.count');
      expect(await preferences.get(HERE, 'retry.count'), 'what the central store still says').to.equal(1);
    } finally {
      for (const one of closing.splice(0)) await one.close();
      await client.query(`drop database ${name}`);
    }
  });

  it('waits once for a black hole, uses its snapshot, stops asking, and comes back', async () => {
    const {hostname, port} = new URL(postgres.url);
    const proxy = kept(await SwitchedProxy.before(hostname, Number(port)));
    const preferences = open(postgres.url.replace(`:${port}/`, `:${proxy.port}/`));
    await preferences.setGlobal('elmer', 'proxy.url', 'http://gateway.example');
    await preferences.setGlobal('elmer', 'retry.count', 1);
    proxy.swallow();
    const times: number[] = [];
    for (let n = 0; n < 4; n++) {
      const start = performance.now();
      // Another scope each time, and what was read of the owner is forgotten by the write.
      await preferences.setLocal({...HERE, scope: `scope ${n}`}, 'mirrors', [`https://mirror${n}.example`]);
      const settings = await preferences.getAll({...HERE, scope: `scope ${n}`});
      times.push(performance.now() - start);
      expect(settings.effective('proxy.url')).to.include({value: 'http://gateway.example', source: 'global'});
      expect(settings.staleFor).to.be.a('number').below(10_000);
    }
    expect(times.map((ms) => ms >= 390), times.join(', ')).to.deep.equal([true, true, false, false]);
    const unknown = await preferences.getAll({...HERE, owner: 'bugs'});
    expect(() => unknown.get('proxy.url')).to.throw(SettingUnavailable);
    expect(unknown.effective('retry.count')).to.include({value: 4, degraded: true});
    expect(await rejectionOf(preferences.setGlobal('elmer', 'retry.count', 9, {except: [HERE.scope]})))
      .to.be.instanceOf(CentralUnavailable);
    expect(await rejectionOf(preferences.setGlobal('elmer', 'retry.count', 9))).to.be.instanceOf(StoreFault);
    proxy.speak();
    const again = open(postgres.url);
    // A busy machine may take longer than the 500 ms that a first resolve waits.
    let seen = await again.inspect(HERE, 'retry.count');
    for (let n = 0; n < 3 && seen.global === 'unknown'; n++) seen = await again.inspect(HERE, 'retry.count');
    expect(seen).to.deep.include({exception: false, global: {value: 1, valid: true}});
    expect(await preferences.setGlobal('elmer', 'retry.count', 2)).to.include({rows: 1});
    expect(await preferences.get(HERE, 'retry.count')).to.equal(2);
  });

  it('starts while nobody listens, and works when somebody does', async () => {
    const {hostname, port} = new URL(postgres.url);
    const proxy = await SwitchedProxy.before(hostname, Number(port));
    const url = postgres.url.replace(`:${port}/`, `:${proxy.port}/`);
    await proxy.close();
    const preferences = open(url);
    const settings = await preferences.getAll(HERE);
    expect(settings.centralUnknown).to.be.true;
    const fault = await rejectionOf(preferences.setGlobal('elmer', 'retry.count', 1));
    expect(fault).to.be.instanceOf(StoreFault);
    expect(String((fault as Error).stack)).not.to.include(new URL(url).password);
    expect((await preferences.getAll({...HERE, owner: 'bugs'})).centralUnknown).to.be.true;
  });
});
