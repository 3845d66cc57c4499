import {expect} from 'chai';
import {userInfo} from 'node:os';
import {ownerOf} from '../../src/cli/prefs/open-preferences.js';

describe('the owner of preferences', () => {
  it('is the one that is named, else the user of the machine', () => {
    expect([ownerOf({owner: 'elmer'}), ownerOf({})]).to.deep.equal(['elmer', userInfo().username]);
  });

  it('has to be named where the user has no name, as in a container', () => {
    const nameless = (): string => { throw new Error('uv_os_get_passwd returned ENOENT'); };
    expect(ownerOf({owner: 'elmer'}, nameless)).to.equal('elmer');
    expect(() => ownerOf({}, nameless)).to.throw(TypeError, '--owner: expected a name');
  });
});
