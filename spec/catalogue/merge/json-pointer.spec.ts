import {expect} from 'chai';
import fc from 'fast-check';
import {formatPointer, parsePointer} from '../../../src/catalogue/merge/json-pointer.js';

describe('JSON Pointer', () => {
  const rfc6901: readonly [string, string[]][] = [
    ['', []], ['/foo', ['foo']], ['/foo/0', ['foo', '0']], ['/', ['']], ['/a~1b', ['a/b']], ['/c%d', ['c%d']], ['/i\\j', ['i\\j']],
    ['/k"l', ['k"l']], ['/ ', [' ']], ['/m~0n', ['m~n']], ['/~01', ['~1']], ['//', ['', '']],
  ];
  for (const [pointer, names] of rfc6901) {
    it(`reads and writes ${JSON.stringify(pointer)}`, () => {
      expect(parsePointer(pointer)).to.deep.equal(names);
      expect(formatPointer(names)).to.equal(pointer);
    });
  }

  for (const pointer of ['a', 'a/b', '#/a', '/~', '/~2', '/a~b', '/~~0']) {
    it(`refuses ${pointer}`, () => {
      expect(() => parsePointer(pointer)).to.throw(SyntaxError, 'JSON Pointer');
    });
  }

  it('reads what it wrote, and writes what it read', () => {
    const name = fc.oneof(fc.string({unit: 'binary'}), fc.stringMatching(/^[~/01a]{0,6}$/));
    fc.assert(fc.property(fc.array(name), (names) => void expect(parsePointer(formatPointer(names))).to.deep.equal(names)));
    const pointer = fc.stringMatching(/^(?:\/(?:[a-c01]|~[01]){0,4}){0,4}$/);
    fc.assert(fc.property(pointer, (text) => void expect(formatPointer(parsePointer(text))).to.equal(text)));
  });
});
