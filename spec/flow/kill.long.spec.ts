import {expect} from 'chai';
import {sharedCommand} from '../chaos/built-command.js';
import {killLoop, sumText} from '../chaos/kill-loop.js';

describe('downloads that are killed, many of them', function suite() {
  this.timeout(1_800_000);
  for (const flags of [[], ['--resume']]) {
    it(`leave the old file, the new one or none, and the next run ends with the new one ${flags.join()}`, async () => {
      const seed = Date.now() % 1_000_000;
      const sum = await killLoop({command: sharedCommand(), runs: 200, seed, flags});
      expect(sum.violations, `seed ${seed}, ${sumText(sum)}`).to.deep.equal([]);
      expect(sum.killed + sum.asked, sumText(sum)).to.be.above(100);
      expect(sum.found.old * sum.found.new * sum.found.absent, sumText(sum)).to.be.above(0);
      if (flags.length > 0) expect(sum.kept, sumText(sum)).to.be.above(20);
    });
  }
});
