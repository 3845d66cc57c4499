import {expect} from 'chai';
import fc from 'fast-check';
import {applyPatch as applyByRfc6902, type Operation} from 'rfc6902';
import {applyPatch} from '../../../src/catalogue/merge/apply-patch.js';
import {canonicalJson} from '../../../src/core/canonical-json.js';
import {InvalidDocument} from '../../../src/catalogue/merge/invalid-document.js';
import {InvalidPatch} from '../../../src/catalogue/merge/invalid-patch.js';
import type {Json} from '../../../src/core/json.js';
import {freeze} from './merge-laws.js';

const refusal = (document: Json, patch: Json): InvalidPatch => {
  try {
    applyPatch(document, patch);
  } catch (error) {
    if (error instanceof InvalidPatch) return error;
    throw error;
  }
  throw new Error('it was applied');
};

describe('applyPatch with a JSON Patch (RFC 6902)', () => {
  const applied: readonly [string, string, string, string][] = [
    ['A.1 adds a field', '{"foo":"bar"}', '[{"op":"add","path":"/baz","value":"qux"}]', '{"baz":"qux","foo":"bar"}'],
    ['A.2 adds an item', '{"foo":["bar","baz"]}', '[{"op":"add","path":"/foo/1","value":"qux"}]', '{"foo":["bar","qux","baz"]}'],
    ['A.3 removes a field', '{"baz":"qux","foo":"bar"}', '[{"op":"remove","path":"/baz"}]', '{"foo":"bar"}'],
    ['A.4 removes an item', '{"foo":["bar","qux","baz"]}', '[{"op":"remove","path":"/foo/1"}]', '{"foo":["bar","baz"]}'],
    ['A.5 replaces a value', '{"baz":"qux"}', '[{"op":"replace","path":"/baz","value":"boo"}]', '{"baz":"boo"}'],
    ['A.6 moves a value', '{"foo":{"bar":"baz","waldo":"fred"},"qux":{}}', '[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]',
      '{"foo":{"bar":"baz"},"qux":{"thud":"fred"}}'],
    ['A.7 moves an item', '{"foo":["all","grass","cows","eat"]}',
      '[{"op":"move","from":"/foo/1","path":"/foo/3"}]', '{"foo":["all","cows","eat","grass"]}'],
    ['A.8 tests a value', '{"baz":"qux","foo":["a",2,"c"]}',
      '[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2.0}]',
      '{"baz":"qux","foo":["a",2,"c"]}'],
    ['A.10 adds an object', '{"foo":"bar"}',
      '[{"op":"add","path":"/child","value":{"grandchild":{}}}]', '{"foo":"bar","child":{"grandchild":{}}}'],
    ['A.11 ignores what it does not know', '{}', '[{"op":"add","path":"/baz","value":1,"xyz":123}]', '{"baz":1}'],
    ['A.14 unescapes', '{"/":9,"~1":10}', '[{"op":"test","path":"/~01","value":10}]', '{"/":9,"~1":10}'],
    ['A.16 adds a list at the end', '{"foo":["bar"]}', '[{"op":"add","path":"/foo/-","value":["abc"]}]', '{"foo":["bar",["abc"]]}'],
    ['replaces the whole', '{"a":1}',
      '[{"op":"test","path":"","value":{"a":1}},{"op":"replace","path":"","value":[]},{"op":"add","path":"/-","value":1}]', '[1]'],
    ['copies, so that the copy is one of its own', '{"a":{"b":1}}',
      '[{"op":"copy","from":"/a","path":"/c"},{"op":"add","path":"/c/b","value":2}]',
      '{"a":{"b":1},"c":{"b":2}}'],
    ['moves a part to the top', '{"a":{"b":1}}', '[{"op":"move","from":"/a","path":""}]', '{"b":1}'],
    ['moves a value to where it is', '{"a":1}', '[{"op":"move","from":"/a","path":"/a"}]', '{"a":1}'],
    ['knows constructor for a name', '{}',
      '[{"op":"add","path":"/constructor","value":{}},{"op":"add","path":"/constructor/a","value":1}]', '{"constructor":{"a":1}}'],
    ['adds in front of the end', '[1]', '[{"op":"add","path":"/1","value":2}]', '[1,2]'],
    ['does nothing without operations', '{"a":1}', '[]', '{"a":1}'],
  ];
  for (const [what, document, patch, patched] of applied) {
    it(what, () => expect(applyPatch(JSON.parse(document) as Json, JSON.parse(patch) as Json)).to.deep.equal(JSON.parse(patched)));
  }

  const refused: readonly [string, Json, string][] = [
    ['A.12 a target without a parent', {op: 'add', path: '/baz/bat', value: 1}, 'the path leads to nothing'],
    ['A.13 an unknown op', {op: 'merge', path: '/a', value: 1}, 'op is none of'],
    ['an inherited op', {op: 'toString', path: '/a'}, 'op is none of'],
    ['no op', {path: '/a'}, 'op is none of'],
    ['an operation that is none', 'add', 'expected an object'],
    ['no path', {op: 'remove'}, 'path is missing, or no text'],
    ['no from', {op: 'move', path: '/a'}, 'from is missing, or no text'],
    ['no value', {op: 'add', path: '/a'}, 'value is missing'],
    ['a path that is no pointer', {op: 'remove', path: 'a'}, 'path: a JSON Pointer is empty or starts with /'],
    ['a value to remove that is not there', {op: 'remove', path: '/b'}, 'the path leads to nothing'],
    ['a value to replace that is not there', {op: 'replace', path: '/b', value: 1}, 'the path leads to nothing'],
    ['an inherited field', {op: 'remove', path: '/toString'}, 'the path leads to nothing'],
    ['the length of a list', {op: 'copy', from: '/l/length', path: '/x'}, 'the path leads to nothing'],
    ['an index with a leading zero', {op: 'replace', path: '/l/01', value: 9}, 'the path leads to nothing'],
    ['an index that is no number', {op: 'add', path: '/l/1e0', value: 9}, 'the path leads to no place of the list'],
    ['an index beyond the end', {op: 'add', path: '/l/3', value: 9}, 'the path leads to no place of the list'],
    ['the end of a list as a value', {op: 'remove', path: '/l/-'}, 'the path leads to nothing'],
    ['a field of a text', {op: 'add', path: '/s/0', value: 1}, 'no list and no object'],
    ['a move into itself', {op: 'move', from: '/o', path: '/o/x/y'}, 'a value can\'t be moved into itself'],
    ['a move of the whole into itself', {op: 'move', from: '', path: '/o'}, 'a value can\'t be moved into itself'],
    ['the removal of the whole', {op: 'remove', path: ''}, 'the whole document can\'t be removed or moved'],
  ];
  for (const [what, operation, reason] of refused) {
    it(`refuses ${what}, with the index of the operation`, () => {
      const error = refusal({a: 1, l: [1, 2], o: {x: {}}, s: 'text'}, [{op: 'add', path: '/new', value: 1}, operation]);
      expect([error.index, error.testFailed]).to.deep.equal([1, false]);
      expect(error.reason).to.contain(reason);
    });
  }

  it('says of a test that fails that it is one, and not what it saw', () => {
    const document = {a: 'secret', l: [1]};
    const tests: readonly [string, Json, string][] =
      [['/a', 1, 'another value'], ['/b', 'x', 'nothing'], ['/l', [1, 2], 'another value'], ['/toString', null, 'nothing']];
    for (const [path, value, reason] of tests) {
      const error = refusal(document, [{op: 'test', path, value}]);
      expect([error.index, error.testFailed, error.code, error.name]).to.deep.equal([0, true, 'INVALID_PATCH', 'InvalidPatch']);
      expect(error.message).to.equal(`invalid patch, operation 0: the test fails: the document has ${reason} there`);
    }
  });

  it('refuses an outcome that is no document', () => {
    const deeper = Array.from({length: 65}, () => ({op: 'add', path: '/a', value: 1})).map((operation, depth) =>
      ({...operation, path: '/a'.repeat(depth + 1), value: {}}));
    expect(() => applyPatch({}, deeper)).to.throw(InvalidDocument, 'deeper than 64');
    expect(() => applyPatch({}, [{op: 'add', path: '/__proto__', value: {x: 1}}])).to.throw(InvalidDocument, '__proto__');
    expect(({} as {x?: number}).x).to.equal(undefined);
  });

  it('refuses copies of copies before they fill the memory', () => {
    const bomb = Array.from({length: 40}, () => ({op: 'copy', from: '', path: '/-'}));
    expect(refusal([[1]], bomb).reason).to.equal('the patch copies more than 100000 values');
  });

  it('tests a long list in the time that it takes to read it', () => {
    const list = (shift: number): Json => Array.from({length: 20_000}, (_, index) => ({from: index + shift}));
    expect(refusal({l: list(0)}, [{op: 'test', path: '/l', value: list(1)}]).testFailed).to.equal(true);
    expect(applyPatch({l: list(0)}, [{op: 'test', path: '/l', value: list(0)}])).to.deep.equal({l: list(0)});
  });
});

describe('applyPatch with a JSON Patch, laws', () => {
  const leaf = fc.constantFrom<Json>(null, 1, 'a', true, {}, [], {a: 1}, [1, 2]);
  const document = fc.record({
    a: leaf, b: fc.array(leaf, {maxLength: 3}), c: fc.dictionary(fc.constantFrom('a', 'b', '0'), leaf, {noNullPrototype: true}),
  });
  const path = fc.constantFrom('', '/a', '/b', '/c', '/b/0', '/b/1', '/b/-', '/c/a', '/c/b', '/c/0', '/b/0/a', '/c/a/0', '/d');
  const operation: fc.Arbitrary<Record<string, Json>> = fc.oneof(
    fc.record({op: fc.constantFrom('add', 'replace', 'test'), path, value: leaf}),
    fc.record({op: fc.constant('remove'), path}), fc.record({op: fc.constantFrom('move', 'copy'), from: path, path}),
  ).filter((one) => !(one.op === 'remove' && one.path === '') && !(one.op === 'move' && one.from === ''));

  /** True when the other implementation took it; below a scalar it throws something. */
  const taken = (root: {doc: Json}, one: Record<string, Json>): boolean => {
    // It can't replace a whole document, so the document is a field for it.
    const under = {...one, path: `/doc${one.path as string}`, ...'from' in one && {from: `/doc${one.from as string}`}};
    try {
      return applyByRfc6902(root, [structuredClone(under) as unknown as Operation])[0] === null;
    } catch {
      return false;
    }
  };

  it('does what another implementation does, and leaves its inputs as they are', () => {
    const outcomes = {applied: 0, refused: 0, refusedHereOnly: 0};
    fc.assert(fc.property(document, fc.array(operation, {maxLength: 4}), (before, patch) => {
      const root = {doc: JSON.parse(JSON.stringify(before)) as Json};
      const fault = patch.findIndex((one) => !taken(root, one));
      const text = canonicalJson([before, patch]);
      for (const one of [before, patch]) freeze(one);
      try {
        expect(canonicalJson(applyPatch(before, patch))).to.equal(canonicalJson(root.doc));
        expect(fault).to.equal(-1);
        outcomes.applied++;
      } catch (error) {
        if (!(error instanceof InvalidPatch)) throw error;
        // It takes any name for a place of a list, and a letter of a text for a value.
        expect(error.index === fault || fault < 0 || error.index! < fault).to.equal(true);
        outcomes[error.index === fault ? 'refused' : 'refusedHereOnly']++;
      }
      expect(canonicalJson([before, patch])).to.equal(text);
    }), {numRuns: 1500});
    expect(outcomes.applied).to.be.above(200);
    expect(outcomes.refused).to.be.above(10 * outcomes.refusedHereOnly);
  });
});
