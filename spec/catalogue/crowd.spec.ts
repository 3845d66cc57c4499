import {expect} from 'chai';
import {Catalogue} from '../../src/catalogue/catalogue.js';
import {useTempFolder} from '../../src/testing/index.js';
import {runCrowd} from './crowd/crowd.js';
import {crowdVerdict} from './crowd/crowd-verdict.js';
import {builtFolder} from './crowd/server-process.js';

describe('four processes on one release', () => {
  const folder = useTempFolder();

  before(function build() {
    this.timeout(60_000);
    builtFolder();
  });

  it('publish 25 facts each, one of them killed and started again: none is lost, none is there twice', async function test() {
    this.timeout(60_000);
    const location = folder.join('catalogue.db');
    const report = await runCrowd({place: {location}, release: 'nightly', writers: 4, facts: 25, kills: 1, seed: 1});
    expect(report).to.deep.include({failures: [], killed: 1}).and.to.have.property('acknowledged').with.length(100);
    await using catalogue = await Catalogue.open(location);
    const verdict = await crowdVerdict(catalogue, 'nightly', report.facts);
    expect(verdict).to.deep.equal({facts: 100, lost: 0, strange: 0, rows: 101, violations: []});
  });
});
