import {expect} from 'chai';
import {helpWidth, wrapped} from '../../src/cli/help-note.js';

describe('the width of a help', () => {
  it('is that of the terminal, at most 100, and 80 without one', () => {
    const terminal = (columns: number): number => helpWidth({isTTY: true, columns});
    expect([terminal(60), terminal(100), terminal(240), terminal(0)]).to.deep.equal([60, 100, 100, 80]);
    expect(helpWidth({isTTY: false, columns: 120})).to.equal(80);
  });

  it('counts for paragraphs, whose own line breaks do not', () => {
    const text = `${'word '.repeat(8)}\n${'word '.repeat(4)}\n\nnext`;
    expect(wrapped(text, 50).split('\n').map((line) => line.length)).to.deep.equal([49, 9, 0, 4]);
    expect(wrapped(text, 100).split('\n').map((line) => line.length)).to.deep.equal([59, 0, 4]);
  });
});
