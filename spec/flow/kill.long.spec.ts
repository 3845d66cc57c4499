import {expect} from 'chai';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {buildCommand} from '../chaos/built-command.js';
import {killLoop, sumText} from '../chaos/kill-loop.js';

describe('downloads that are killed, many of them', function suite() {
  this.timeout(1_800_000);
  let folder = '';
  let command = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'jupiter-built-'));
    command = buildCommand(folder);
  });
  after(async () => { await rm(folder, {recursive: true, force: true}); });

  for (const flags of [[], ['--resume']]) {
    it(`leave the old file, the new one or none, and the next run ends with the new one ${flags.join()}`, async () => {
      const seed = Date.now() % 1_000_000;
      const sum = await killLoop({command, runs: 200, seed, flags});
      expect(sum.violations, `seed ${seed}, ${sumText(sum)}`).to.deep.equal([]);
      expect(sum.killed + sum.asked, sumText(sum)).to.be.above(100);
      expect(sum.found.old * sum.found.new * sum.found.absent, sumText(sum)).to.be.above(0);
      if (flags.length > 0) expect(sum.kept, sumText(sum)).to.be.above(20);
    });
  }
});
