import {expect} from 'chai';
import {algorithmOf} from '../../src/cli/checksum-source.js';

describe('algorithmOf', () => {
  it('tells BLAKE2 by B2SUMS and its kin only', () => {
    const names = ['B2SUMS', '/x/b2sums.txt', 'b2sum', 'B2SUMS.asc', 'app.b2sum'];
    expect(names.map(algorithmOf)).to.deep.equal(names.map(() => 'blake2b512'));
    const others = ['b2app.sha256', 'b2-client.sha512', 'SHA256SUMS', 'b2summary', '/b2sums/SHA512SUMS'];
    expect(others.map(algorithmOf)).to.deep.equal(others.map(() => undefined));
  });
});
