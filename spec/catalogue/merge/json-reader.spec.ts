import {expect} from 'chai';
import fc from 'fast-check';
import {InvalidDocument} from '../../../src/catalogue/merge/invalid-document.js';
import type {Json} from '../../../src/core/json.js';
import {readJson, type ReadJsonOptions} from '../../../src/catalogue/merge/json-reader.js';

const read = (text: string | Uint8Array, options: Partial<ReadJsonOptions> = {}): Json => readJson(text, {maxBytes: 1_000_000, ...options});
const refusal = (text: string | Uint8Array, options?: Partial<ReadJsonOptions>): string => {
  try {
    return `read: ${JSON.stringify(read(text, options))}`;
  } catch (error) {
    if (error instanceof InvalidDocument) return `${error.path}: ${error.reason}`;
    throw error;
  }
};

describe('readJson', () => {
  it('reads what JSON can say', () => {
    const text = ' {"a": [1, -0.5e+3, true, false, null, "", "\\u00e9\\n\\ud83d\\ude00\\"\\/"], '
      + '"b": {} ,\r\n\t"constructor":{"prototype":[]}} ';
    expect(read(text)).to.deep.equal({a: [1, -500, true, false, null, '', 'é\n😀"/'], b: {}, constructor: {prototype: []}});
    expect(read(Buffer.from('["é"]'))).to.deep.equal(['é']);
    expect(['7', '"x"', 'null', '[]'].map((scalar) => read(scalar))).to.deep.equal([7, 'x', null, []]);
  });

  it('reads -0 as 0, so that equal values look equal', () => {
    expect(Object.is(read('-0.0'), 0)).to.equal(true);
  });

  const refused: readonly [string, string, string][] = [
    ['a field that comes twice', '{"a": 1, "b": {"c/d": 1, "c\\/d": 2}}', '/b/c~1d: the field comes twice at character 31'],
    ['__proto__', '{"a": [{"__proto__": {"x": 1}}]}', '/a/0: a field must not be named __proto__'],
    ['__proto__ in disguise', '{"__pr\\u006fto__": 1}', ': a field must not be named __proto__'],
    ['a whole number that is not exact', '[9007199254740991, 9007199254740992]', '/1: a whole number beyond 2^53 - 1; write it as a text'],
    ['the same below zero', '-9007199254740993', ': a whole number beyond 2^53 - 1; write it as a text'],
    ['the same in another notation', '{"a": 1e300}', '/a: a whole number beyond 2^53 - 1; write it as a text'],
    ['a fraction that is rounded to one', '9007199254740993.5', ': a whole number beyond 2^53 - 1; write it as a text'],
    ['a number that overflows', '[1e400]', '/0: not a finite number'],
    ['NaN', '[NaN]', '/0: expected a value at character 1'],
    ['Infinity', '-Infinity', ': expected a value at character 0'],
    ['a lone surrogate', '{"a": "x\\ud800"}', '/a: the text has a lone surrogate'],
    ['a pair the wrong way round', '"\\udc00\\ud800"', ': the text has a lone surrogate'],
    ['a lone surrogate in a name', '{"\\udfff": 1}', ': the name of a field has a lone surrogate'],
    ['an unescaped lone surrogate', '["\ud800"]', '/0: the text has a lone surrogate'],
    ['a control character', '["a\nb"]', '/0: a control character in a text at character 3'],
    ['an unknown escape', '["ab\\x41"]', '/0: an escape that JSON has not at character 1'],
    ['a cut escape', '["\\u00"]', '/0: an escape that JSON has not at character 1'],
    ['a text without an end', '{"a": "b\\"}', '/a: the text has no end at character 6'],
    ['a name without quotes', '{a: 1}', ': expected a text in double quotes at character 1'],
    ['a comma too many in an object', '{"a": 1,}', ': expected a text in double quotes at character 8'],
    ['a comma too many in a list', '[1,]', '/1: expected a value at character 3'],
    ['a missing comma', '[1 2]', ': expected ] at character 3'],
    ['a missing colon', '{"a" 1}', '/a: expected : at character 5'],
    ['a text that ends early', '{"a": [1', '/a: expected ] at character 8, where the text ends'],
    ['nothing', '', ': expected a value at character 0, where the text ends'],
    ['two values', '{} {}', ': something follows the value at character 3'],
    ['a leading zero', '01', ': something follows the value at character 1'],
    ['a bare point', '1.', ': something follows the value at character 1'],
    ['a comment', '[1] // x', ': something follows the value at character 4'],
    ['a byte order mark', '\ufeff1', ': expected a value at character 0'],
    ['another space', '\u00a01', ': expected a value at character 0'],
  ];
  for (const [what, text, reason] of refused) {
    it(`refuses ${what}`, () => expect(refusal(text)).to.equal(reason));
  }

  it('refuses bytes that are not UTF-8, and the byte order mark of UTF-8', () => {
    expect(refusal(Buffer.from([0x22, 0xc3, 0x22]))).to.equal(': not UTF-8');
    expect(refusal(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).to.equal(': not UTF-8');
    expect(refusal(Buffer.from([0xef, 0xbb, 0xbf, 0x31]))).to.equal(': expected a value at character 0');
  });

  it('counts bytes, not characters, before it reads', () => {
    expect(refusal('"éé', {maxBytes: 4})).to.equal(': 5 bytes, more than 4');
    expect(refusal(Buffer.from('"éé"'), {maxBytes: 5})).to.equal(': 6 bytes, more than 5');
    expect(read('"éé"', {maxBytes: 6})).to.equal('éé');
  });

  it('stops at 64 lists and objects inside each other, or where it is told', () => {
    const nested = (depth: number): string => '[{"a":'.repeat(depth / 2) + '1' + '}]'.repeat(depth / 2);
    read(nested(64));
    expect(refusal(nested(66))).to.equal(`${'/0/a'.repeat(32)}: deeper than 64 lists and objects inside each other`);
    expect(refusal('['.repeat(100_000))).to.contain('deeper than 64');
    expect(refusal('[]', {maxDepth: 0})).to.equal(': deeper than 0 lists and objects inside each other');
    expect(refusal('[[], 1, {"a": 1}]', {maxDepth: 2})).to.match(/^read/);
  });

  it('says nothing of the value in its errors, and not all of a long path', () => {
    const error = ((): Error => {
      try {
        read(`{"${'n'.repeat(5000)}": ["secret", "secret2" x]}`);
      } catch (caught) {
        return caught as Error;
      }
      throw new Error('it was read');
    })();
    expect(error.message).to.not.contain('secret');
    expect(error.message.length).to.be.below(300);
  });

  it('refuses misuse by name', () => {
    expect(() => readJson('1', {} as ReadJsonOptions)).to.throw(TypeError, 'maxBytes');
    expect(() => read('1', {maxDepth: -1})).to.throw(RangeError, 'maxDepth');
    expect(() => read('1', {depth: 1} as never)).to.throw(TypeError, 'unknown option \'depth\'');
  });

  it('does not need a stack as long as the text', () => {
    expect(read(`"${'\\n'.repeat(400_000)}"`)).to.have.length(400_000);
    expect(refusal(`[${'1,'.repeat(400_000)}`)).to.contain('expected a value');
  });
});

describe('readJson, laws', () => {
  /** As JSON.parse, which knows nothing of what is refused beyond the grammar. */
  const parsed = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  };

  it('reads what JSON.parse reads, and refuses what it refuses', () => {
    const sign = fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '"a"', '"b"', '1', '-', '0', '.5', 'e3', 'true', 'null', ' ', '\n',
      '\\', '\\u0041', '\\n', '\t', '\u0001');
    const part = fc.oneof({weight: 4, arbitrary: sign}, {weight: 1, arbitrary: fc.string({maxLength: 3})});
    const soup = fc.array(part, {maxLength: 12}).map((parts) => parts.join(''));
    const damaged = fc.tuple(fc.json(), fc.nat(), fc.nat(2), part).map(([text, at, cut, put]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + cut);
    });
    let good = 0;
    fc.assert(fc.property(fc.oneof(fc.json(), soup, damaged), (text) => {
      const expected = parsed(text);
      const outcome = refusal(text);
      const stricter = /comes twice|__proto__|beyond 2|finite|surrogate|deeper/.test(outcome);
      if (expected === undefined) expect(outcome).to.not.match(/^read/);
      else if (!stricter) expect(outcome).to.equal(`read: ${JSON.stringify(expected)}`);
      if (outcome.startsWith('read')) good++;
    }), {numRuns: 3000});
    expect(good).to.be.within(400, 2500);
  });
});
