import {expect} from 'chai';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {sharedCommand} from '../chaos/built-command.js';
import {killLoop, sumText, type KillSum} from '../chaos/kill-loop.js';

const SEED = 20_817;

describe('a download that is killed', function suite() {
  this.timeout(120_000);
  it('leaves the old file, the new one or none, and the next run ends with the new one', async () => {
    const sum = await killLoop({command: sharedCommand(), runs: 6, seed: SEED});
    expect(sum.violations, sumText(sum)).to.deep.equal([]);
    expect(sum.killed, sumText(sum)).to.be.above(3);
    expect(sum.found.old + sum.found.absent, sumText(sum)).to.be.above(0);
  });

  it('does so with --resume, too', async () => {
    const sum = await killLoop({command: sharedCommand(), runs: 4, seed: SEED, flags: ['--resume']});
    expect(sum.violations, sumText(sum)).to.deep.equal([]);
    expect(sum.killed + sum.asked, sumText(sum)).to.be.above(1);
  });

  describe('the check itself', () => {
    const folder = useTempFolder();
    /** Runs a command that does it wrong, until all of these violations were found. */
    const isCaught = async (script: string, flags: string[], ...texts: string[]): Promise<void> => {
      const path = await folder.write('wrong.mjs', `
        import {appendFileSync, existsSync, mkdirSync, renameSync, writeFileSync} from 'node:fs';
        import {dirname} from 'node:path';
        const [, url, , target] = process.argv.slice(2);
        mkdirSync(dirname(target), {recursive: true});
        const response = await fetch(url);
        ${script}`);
      const missing = ({violations}: KillSum): string[] => texts.filter((text) => !violations.some((line) => line.includes(text)));
      const sum = await killLoop({command: path, seed: SEED, runs: 20, flags, onRun: (_plan, _report, found) => missing(found).length > 0});
      expect(missing(sum), sum.violations.join('\n')).to.deep.equal([]);
      expect(sum.violations[0]).to.match(new RegExp(`^run \\d+: .*; again: --seed ${SEED} --from \\d+ --runs 1$`, 's'));
    };

    it('would catch a command that writes in place', async () => {
      await isCaught(`
        writeFileSync(target, '');
        for await (const chunk of response.body) appendFileSync(target, chunk);`, [], 'neither the old file nor the new one');
    });

    it('would catch a command that adds a whole file to a part', async () => {
      await isCaught(`
        const part = '.name.0123456789ab.part';
        for await (const chunk of response.body) appendFileSync(part, chunk);
        renameSync(part, target);`, [], 'neither the old file nor the new one');
    });

    it('would catch a command that leaves parts and journals, or lies about success', async () => {
      await isCaught(`
        process.on('SIGTERM', () => process.exit(143));
        const bytes = Buffer.from(await response.arrayBuffer());
        for (const part of ['1', '2', '3', '4']) writeFileSync('.name.00000000000' + part + '.part', bytes);
        writeFileSync('.' + '0'.repeat(64) + '.jupiter', '');
        if (!existsSync(target)) writeFileSync(target, bytes);`, ['--resume'],
      '4 parts and 0 temporary journals are left', '1 journals are left', 'ended with success, and the target is old');
    });
  });
});
