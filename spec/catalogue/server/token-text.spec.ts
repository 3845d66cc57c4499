import {expect} from 'chai';
import {newToken, parseToken} from '../../../src/catalogue/server/token-text.js';

describe('newToken', () => {
  it('has an id that no command line takes for a flag, whatever the random bytes are', () => {
    for (const byte of [0, 0xf8, 0xfb, 0xff]) {
      const {id, secret, text} = newToken((bytes) => new Uint8Array(bytes).fill(byte));
      expect(id).to.match(/^[0-9a-f]{12}$/);
      expect(parseToken(text)).to.deep.equal({id, secret});
    }
  });
});
