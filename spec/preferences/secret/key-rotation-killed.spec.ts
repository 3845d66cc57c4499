import {expect} from 'chai';
import {useTempFolder} from '../../../src/testing/index.js';
import {killRotations} from './rotation-kills.js';

describe('KeyRotation that is killed', () => {
  const folder = useTempFolder();

  it('loses no secret and can be run again, whenever it was killed', async () => {
    expect((await killRotations(folder.join('preferences.db'), {kills: 2, owners: 60, seed: 1})).killed).to.be.above(0);
  }).timeout(60_000);
});
