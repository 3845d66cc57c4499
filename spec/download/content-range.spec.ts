import {expect} from 'chai';
import fc from 'fast-check';
import {parseContentRange} from '../../src/download/content-range.js';

describe('parseContentRange', () => {
  it('reads a range, one of an unknown whole, and that of a 416', () => {
    expect(parseContentRange('bytes 0-9/10')).to.deep.equal({start: 0, end: 9, total: 10});
    expect(parseContentRange(' BYTES  5-9/* ')).to.deep.equal({start: 5, end: 9, total: undefined});
    expect(parseContentRange('bytes */10')).to.deep.equal({start: undefined, end: undefined, total: 10});
  });

  it('refuses what contradicts itself or is no range of bytes', () => {
    for (const text of [undefined, '', 'bytes', 'bytes 0-9', 'bytes 9-0/10', 'bytes 0-10/10', 'bytes */*', 'items 0-9/10', 'bytes -5/10', 'bytes 0-/10',
      'bytes 0-9/10, bytes 11-12/20', 'bytes 0x0-9/10', 'bytes 0-9/1e1', 'bytes 00000000000000000-9/10']) {
      expect(parseContentRange(text), text).to.equal(undefined);
    }
  });

  it('gives back every range that a server can write', () => {
    fc.assert(fc.property(fc.nat(2 ** 31), fc.nat(2 ** 31), fc.nat(2 ** 31), (start, more, rest) => {
      const range = {start, end: start + more, total: start + more + rest + 1};
      expect(parseContentRange(`bytes ${range.start}-${range.end}/${range.total}`)).to.deep.equal(range);
    }));
  });
});
