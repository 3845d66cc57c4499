import {expect} from 'chai';
import {checkMergePolicy, DIGEST_AND_SIZE, FACT_LISTS, type MergePolicy} from '../../../src/catalogue/merge/merge-policy.js';
import {merge} from '../../../src/catalogue/merge/merge.js';

describe('MergePolicy', () => {
  it('may say nothing, or all', () => {
    checkMergePolicy({});
    checkMergePolicy({lists: undefined, atomic: undefined});
    checkMergePolicy({lists: FACT_LISTS, atomic: DIGEST_AND_SIZE});
    checkMergePolicy({
      lists: [{path: '', kind: 'keyed', key: ['a', 'b']}, {path: '/*', kind: 'append'}, {path: '/**', kind: 'replace'}], atomic: [],
    });
  });

  const refused: readonly [string, unknown, string][] = [
    ['an unknown option', {list: []}, 'policy: unknown option \'list\', expected one of lists, atomic'],
    ['lists that are none', {lists: {}}, 'lists: expected a list, got an Object'],
    ['a list without a path', {lists: [{kind: 'append'}]},
      'lists[0].path: expected a JSON Pointer, in which * and ** stand for names, got undefined'],
    ['a path that is no pointer', {lists: [FACT_LISTS[0], {path: 'a', kind: 'append'}]},
      'lists[1].path: expected a JSON Pointer, in which * and ** stand for names, got "a"'],
    ['an unknown kind', {lists: [{path: '/a', kind: 'set'}]}, 'lists[0].kind: expected one of append, keyed, replace, got "set"'],
    ['an unknown option of a list', {lists: [{path: '/a', kind: 'append', keys: 'a'}]},
      'lists[0]: unknown option \'keys\', expected one of path, kind, key'],
    ['a keyed list without a key', {lists: [{path: '/a', kind: 'keyed'}]},
      'lists[0].key: expected the field that names an item of a keyed list, got undefined'],
    ['a key that is of no use', {lists: [{path: '/a', kind: 'replace', key: 'a'}]},
      'lists[0].key: expected nothing, as the list is replaced as a whole, got "a"'],
    ['an empty key', {lists: [{path: '/a', kind: 'append', key: ''}]}, 'lists[0].key: expected a name, got ""'],
    ['no keys', {lists: [{path: '/a', kind: 'append', key: []}]}, 'lists[0].key: expected at least one name, got an Array'],
    ['a key that is no text', {lists: [{path: '/a', kind: 'append', key: ['a', 1]}]}, 'lists[0].key[1]: expected a name, got 1'],
    ['a name that is none', {atomic: ['size', null]}, 'atomic[1]: expected a name, got null'],
  ];
  for (const [what, policy, message] of refused) {
    it(`refuses ${what}, naming the option`, () => {
      expect(() => checkMergePolicy(policy as MergePolicy)).to.throw(TypeError, message);
      expect(() => merge(1, 1, 1, policy as MergePolicy)).to.throw(TypeError, message);
    });
  }
});
