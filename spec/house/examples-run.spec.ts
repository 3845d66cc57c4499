import {expect} from 'chai';
import {basename} from 'node:path';
import type {ScriptedServer} from '../../src/testing/scripted-server.js';
import {startExampleSite} from './example-site.js';
import {filesIn} from './project.js';
import {runScript} from './run-script.js';

/*
 * Each examples/NN-topic.ts is run in an empty folder, with JUPITER_EXAMPLE_URL = the root of a local server, with a
 * slash at its end. spec/house/example-site.ts says what that server answers.
 */
describe('examples', () => {
  const examples = filesIn('examples', '.ts').filter((path) => /^examples\/\d\d-[^/]+\.ts$/.test(path));
  let site: ScriptedServer;
  beforeEach(async () => { site = await startExampleSite(); });
  afterEach(async () => { await site.close(); });

  it('there are some, each with a number of its own', () => {
    expect(examples).to.not.have.length(0);
    const numbers = examples.map((path) => basename(path).slice(0, 2));
    expect(numbers).to.deep.equal([...new Set(numbers)]);
  });

  for (const example of examples) {
    it(`runs ${example}`, async function test() {
      this.timeout(90_000);
      const end = await runScript(example, {JUPITER_EXAMPLE_URL: site.url('/')});
      expect(end.code, end.output).to.equal(0);
    });
  }
});
