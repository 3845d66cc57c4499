import {expect} from 'chai';
import {stat} from 'node:fs/promises';
import {Catalogue} from '../../src/catalogue/catalogue.js';
import {useTempFolder} from '../../src/testing/index.js';
import {usePostgres} from '../support/postgres.js';
import {runCrowd, type CrowdOptions, type CrowdReport} from './crowd/crowd.js';
import {crowdVerdict} from './crowd/crowd-verdict.js';
import {ServerProcess, type Place} from './crowd/server-process.js';

const RELEASE = 'nightly';
const [WRITERS, FACTS, KILLS] = [16, 100, 4];
const ALL = WRITERS * FACTS;
/** In the middle of it. */
const HALF = ALL / 2;
const WHOLE = {facts: ALL, lost: 0, strange: 0, rows: ALL + 1, violations: []};
/** No clock is more wrong. */
const SKEW = 12 * 60 * 60_000;
const MIB = 1024 * 1024;

describe('sixteen processes on one release, four of them killed', function suite() {
  this.timeout(300_000);
  const folder = useTempFolder();

  const crowd = async (place: Place, seed: number, disturbance?: CrowdOptions['disturbance']): Promise<CrowdReport> => {
    const report = await runCrowd({
      place, release: RELEASE, writers: WRITERS, facts: FACTS, kills: KILLS, seed, skew: SKEW, disturbance,
    });
    expect(report).to.deep.include({failures: [], killed: KILLS});
    expect(report.acknowledged).to.have.length(ALL);
    return report;
  };
  const judge = async ({location, schema}: Place, {facts}: CrowdReport): Promise<void> => {
    await using catalogue = await Catalogue.open(location, schema === undefined ? {} : {postgres: {schema}});
    expect(await crowdVerdict(catalogue, RELEASE, facts)).to.deep.equal(WHOLE);
  };
  /** Through a server, which is killed and started again at the same port when half of it is done. */
  const served = async (place: Place, seed: number): Promise<void> => {
    const server = new ServerProcess(place);
    await server.start();
    try {
      const report = await crowd({...place, url: server.url}, seed, {after: HALF, work: () => server.restart()});
      expect(server.faults).to.deep.equal([]);
      await server.kill();
      await judge(place, report);
    } finally {
      await server.kill();
    }
  };

  for (const seed of [1, 2]) {
    it(`lose nothing in a SQLite file, which stays small (seed ${seed})`, async () => {
      const place = {location: folder.join('catalogue.db')};
      const report = await crowd(place, seed);
      await judge(place, report);
      // Whoever closes it empties the WAL, so the file is all there is.
      expect((await stat(`${place.location}-wal`)).size).to.equal(0);
      expect((await stat(place.location)).size).to.be.below(5 * MIB);
    });
  }

  it('lose nothing through a server on SQLite that is killed and started again', async () => {
    await served({location: folder.join('catalogue.db')}, 3);
  });

  describe('on PostgreSQL', () => {
    const postgres = usePostgres();
    const place = (): Place => ({location: postgres.url, schema: postgres.schema});

    it('lose nothing, though every connection is cut once', async () => {
      const cut = async (): Promise<void> => {
        const client = await postgres.client();
        const {rows} = await client.query('select pg_terminate_backend(pid) as cut from pg_stat_activity '
          + 'where pid <> pg_backend_pid() and backend_type = \'client backend\'');
        expect(rows.length).to.be.at.least(WRITERS - KILLS);
      };
      await judge(place(), await crowd(place(), 4, {after: HALF, work: cut}));
    });

    it('lose nothing through a server that is killed and started again', async () => {
      await served(place(), 5);
    });
  });
});
