import {expect} from 'chai';
import {useTempFolder} from '../../../src/testing/index.js';
import {killRotations} from './rotation-kills.js';

describe('KeyRotation that is killed in a loop', () => {
  const folder = useTempFolder();

  it('loses no secret in 40 kills at any moment', async () => {
    const {killed, halfway} = await killRotations(folder.join('preferences.db'), {kills: 40, owners: 150, seed: 2});
    expect(killed, 'killed before it was done').to.be.above(20);
    expect(halfway, 'killed while both keys were in use').to.be.above(10);
  }).timeout(300_000);
});
