import {ScriptedServer, useTempFolder} from '../../src/testing/index.js';
import {allCells, LOCAL_STATES, ResumeMatrix} from './resume-matrix.js';

describe('Safe resume, the whole matrix', () => {
  const folder = useTempFolder();
  let server: ScriptedServer;
  before(async () => { server = await ScriptedServer.start(); });
  after(() => server.close());

  for (const local of LOCAL_STATES) {
    it(`never gives wrong bytes with local state: ${local}`, async function () {
      this.timeout(600_000);
      const matrix = new ResumeMatrix(server, folder.path);
      for (const cell of allCells()) if (cell.local === local) await matrix.play(cell);
      // Above 1 MiB the bytes go to a part while they come.
      const large = new ResumeMatrix(server, folder.path, 2_500_000);
      for (const cell of allCells().filter((one, at) => one.local === local && at % 53 === 0)) await large.play(cell);
    });
  }
});
