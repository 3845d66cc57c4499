import {expect} from 'chai';
import {inspect} from 'node:util';
import {Catalogue} from '../../../src/catalogue/catalogue.js';
import {StoreFault} from '../../../src/catalogue/catalogue-errors.js';
import {TokenStore, type NewTokenOptions} from '../../../src/catalogue/server/token-store.js';
import {TestClock, useTempFolder} from '../../../src/testing/index.js';
import {usePostgres} from '../../support/postgres.js';

describe('TokenStore', () => {
  const folder = useTempFolder();
  const postgres = usePostgres();
  const opened: TokenStore[] = [];
  const keep = (store: TokenStore): TokenStore => {
    opened.push(store);
    return store;
  };
  afterEach(async () => { await Promise.all(opened.splice(0).map((store) => store.close())); });

  const clock = new TestClock();
  const engines: Record<string, () => Promise<TokenStore>> = {
    SQLite: async () => keep(await TokenStore.open(folder.join('catalogue.db'), {clock})),
    PostgreSQL: async () => keep(await TokenStore.open(postgres.url, {clock, postgres: {schema: postgres.schema}})),
  };
  for (const [name, open] of Object.entries(engines)) {
    it(`finds who has a token, on ${name}`, async () => {
      const store = await open();
      const {token, id} = await store.create({name: 'worker-1', scopes: ['publish']});
      expect(token.reveal()).to.match(/^jct_[\w-]{12}_[\w-]{43}$/);
      const other = await open();
      expect(await other.find(token.reveal())).to.deep.equal({name: 'worker-1', scopes: ['publish']});
      const record = {id, name: 'worker-1', scopes: ['publish'], created: clock.time(), expires: undefined, revoked: undefined};
      expect(await other.list()).to.deep.equal([record]);
    });

    it(`forgets a token that is revoked, at once, on ${name}`, async () => {
      const store = await open();
      const {token, id} = await store.create({name: 'worker-1', scopes: ['read']});
      expect(await store.revoke(id)).to.equal(true);
      expect(await store.find(token.reveal())).to.equal(undefined);
      expect(await store.revoke(id)).to.equal(false);
      expect(await store.revoke('nobody')).to.equal(false);
      expect((await store.list())[0]?.revoked).to.equal(clock.time());
    });
  }

  it('finds a token only until it expires', async () => {
    const own = new TestClock();
    const store = keep(await TokenStore.open(folder.join('t.db'), {clock: own}));
    const {token} = await store.create({name: 'a', scopes: ['read'], expires: own.time() + 1000});
    await own.advance(999);
    expect(await store.find(token.reveal())).to.not.equal(undefined);
    await own.advance(1);
    expect(await store.find(token.reveal())).to.equal(undefined);
  });

  it('finds nobody for a token with another secret, of another, or of another form', async () => {
    const store = await engines.SQLite!();
    const [one, two] = [await store.create({name: 'one', scopes: ['read']}), await store.create({name: 'two', scopes: ['read']})];
    const [text, other] = [one.token.reveal(), two.token.reveal()];
    const mixed = text.slice(0, 17) + other.slice(17);
    const last = `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`;
    for (const wrong of [mixed, last, `${text} `, text.slice(0, -1), '', 'jct__', `${text}\n`]) {
      expect(await store.find(wrong), wrong).to.equal(undefined);
    }
  });

  it('keeps no token, and shows none', async () => {
    const store = await engines.SQLite!();
    const created = await store.create({name: 'a', scopes: ['admin']});
    const text = created.token.reveal();
    const secret = text.slice(17);
    await store.close();
    expect((await folder.read('catalogue.db')).includes(created.id)).to.equal(true);
    expect((await folder.read('catalogue.db')).includes(secret)).to.equal(false);
    expect(`${inspect(created, {depth: 9})}${JSON.stringify(created)}${String(created.token)}`).to.not.contain(secret);
  });

  it('shares the file of a catalogue', async () => {
    const catalogue = await Catalogue.open(folder.join('catalogue.db'));
    const store = await engines.SQLite!();
    const writes = Array.from({length: 10}, (_, at) => [
      catalogue.create(`r${at}`, {product: 'p'}, {actor: 'elmer'}), store.create({name: `t${at}`, scopes: ['read']}),
    ]);
    await Promise.all(writes.flat());
    expect([(await catalogue.list()).length, (await store.list()).length]).to.deep.equal([10, 10]);
    await catalogue.close();
  });

  it('refuses what can\'t be meant', async () => {
    const store = await engines.SQLite!();
    for (const options of [{name: '', scopes: ['read']}, {name: 'a/b', scopes: ['read']}, {name: 'a', scopes: []},
      {name: 'a', scopes: ['root']}, {name: 'a', scopes: 'read'}, {name: 'a', scopes: ['read'], expires: 1.5},
      {name: 'a', scopes: ['read'], strange: 1}]) {
      const error = await store.create(options as NewTokenOptions).catch((thrown: unknown) => thrown);
      expect(error, JSON.stringify(options)).to.be.instanceOf(TypeError);
    }
    await folder.write('no.db', 'this is no database, and was never meant to be one by anybody');
    const fault = await TokenStore.open(folder.join('no.db')).catch((thrown: unknown) => thrown);
    expect(fault).to.be.instanceOf(StoreFault);
  });
});
