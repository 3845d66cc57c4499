import {expect} from 'chai';
import fc from 'fast-check';
import {readFile} from 'node:fs/promises';
import {Context} from '../../src/core/context.js';
import {DownloadError} from '../../src/core/errors.js';
import {StandardRetryPolicy} from '../../src/policy/retry-policy.js';
import {patterned} from '../../src/testing/bytes.js';
import {fileAnswer, type FileAnswerOptions} from '../../src/testing/file-answer.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {segmented} from './segment-site.js';

const SIZE = 30_000;
const VERSIONS = [1, 2, 3].map((seed) => patterned(SIZE, seed));

/** What happens to a request: which version it gets, and what goes wrong. */
const turn = fc.record({
  change: fc.integer({min: 0, max: 3}).map((lot) => lot === 3),
  fault: fc.constantFrom<FileAnswerOptions>({}, {}, {}, {cutAt: 700}, {cutAt: 2500, cut: 'end'}, {range: 'ignored'},
    {range: 'if-range-ignored'}, {range: 'smaller'}, {range: 'wrong-start'}, {range: '416'}, {drip: {bytes: 600, everyMs: 1}}),
});

describe('SegmentedDownload of a file that changes', () => {
  const folder = useTempFolder();

  for (const [what, validator] of [['strong tags', 'strong'], ['dates', 'date']] as const) {
    it(`brings one version or an error, never a mixture, under ${what}`, async function law() {
      this.timeout(60_000);
      const server = await ScriptedServer.start();
      let n = 0;
      const plans = fc.array(turn, {minLength: 1, maxLength: 14});
      await fc.assert(fc.asyncProperty(plans, fc.integer({min: 1, max: 5}), fc.boolean(), async (turns, segments, careless) => {
        const path = `/${++n}`;
        let version = 0;
        server.on(path, (request) => {
          const {change, fault} = turns[(request.nth - 1) % turns.length] ?? {change: false, fault: {}};
          if (request.nth > 1 && change) version = (version + 1) % VERSIONS.length;
          const range = careless ? 'if-range-ignored' : 'supported';
          return fileAnswer(VERSIONS[version] as Buffer, {validator, range, ...fault})(request);
        });
        const context = new Context({clock: new TestClock({autoAdvance: true})});
        const target = folder.join(`f${n}`);
        const download = segmented({
          url: server.url(path), writer: new FileWriter(target), context, segments, threshold: 0, pieceLength: 1024,
          retry: new StandardRetryPolicy({retries: 6}),
        });
        try {
          await download.run();
          const bytes = await readFile(target);
          expect(VERSIONS.some((one) => one.equals(bytes)), 'one version').to.equal(true);
        } catch (error) {
          expect(error).to.be.instanceOf(DownloadError);
          expect(await readFile(target).catch(() => undefined)).to.equal(undefined);
        }
        expect((await folder.list()).filter((name) => name.endsWith('.part'))).to.deep.equal([]);
        await context.close();
      }), {numRuns: 25});
      await server.close();
    });
  }
});
