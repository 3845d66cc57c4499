import {expect} from 'chai';
import {sql} from 'kysely';
import {Catalogue} from '../../src/catalogue/catalogue.js';
import type {CatalogueTables} from '../../src/catalogue/store/catalogue-tables.js';
import {openSqlite} from '../../src/sql/open-sqlite.js';
import {useTempFolder} from '../../src/testing/index.js';
import {usePostgres} from '../support/postgres.js';
import {again, foundOf, killUnderLoad, type Found} from './crowd/server-killed.js';
import type {Place} from './crowd/server-process.js';

const ROUNDS = 8;
/** What may be found of a batch. */
const POSSIBLE: Readonly<Record<'acknowledged' | 'unknown', readonly Found[]>> = {acknowledged: ['whole'], unknown: ['whole', 'absent']};

describe('a server killed under load', function suite() {
  this.timeout(300_000);

  /** The same database round after round, so that a server also comes up after many deaths. */
  const rounds = async (place: Place): Promise<void> => {
    const met = {acknowledged: 0, unknown: 0};
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const sent = await killUnderLoad(place, seed);
      await using catalogue = await Catalogue.open(place.location, place.schema === undefined ? {} : {postgres: {schema: place.schema}});
      for (const batch of sent) {
        const kind = batch.acknowledged ? 'acknowledged' : 'unknown';
        met[kind]++;
        const found = await foundOf(catalogue, batch);
        expect(found, `${kind} batch ${batch.id}`).to.be.oneOf([...POSSIBLE[kind]]);
        // Sent again under its id it is written once, whatever became of it.
        expect(await again(catalogue, batch), batch.id).to.equal(found === 'whole');
        expect(await foundOf(catalogue, batch), batch.id).to.equal('whole');
      }
      const {version} = await catalogue.get('r');
      const changes = await catalogue.history('r', {limit: 1000});
      expect(changes.map(({releaseVersion}) => releaseVersion)).to.deep.equal(changes.map((_, at) => version - at));
    }
    // Otherwise nothing was looked at.
    expect(met.acknowledged).to.be.above(8 * ROUNDS);
    expect(met.unknown).to.be.above(ROUNDS);
  };

  describe('on SQLite', () => {
    const folder = useTempFolder();

    it('keeps every write that it acknowledged, and no half of any other', async () => {
      const location = folder.join('catalogue.db');
      await rounds({location});
      const database = await openSqlite<CatalogueTables>(location, 'a spec');
      const {rows} = await sql<{integrity_check: string}>`pragma integrity_check`.execute(database.kysely);
      await database.close();
      expect(rows).to.deep.equal([{integrity_check: 'ok'}]);
    });
  });

  describe('on PostgreSQL', () => {
    const postgres = usePostgres();

    it('keeps every write that it acknowledged, and no half of any other', async () => {
      await rounds({location: postgres.url, schema: postgres.schema});
    });
  });
});
