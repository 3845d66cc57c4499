import {expect} from 'chai';
import fc from 'fast-check';
import {difference, type Difference} from '../../../src/catalogue/merge/difference.js';
import {equalJson} from '../../../src/catalogue/merge/equal-json.js';
import {parsePointer} from '../../../src/catalogue/merge/json-pointer.js';
import type {Json} from '../../../src/core/json.js';
import {POLICY, triple} from './triples.js';

describe('difference', () => {
  it('tells what was added, removed and changed, as deep down as it can be told, sorted by path', () => {
    const before = {same: [1], z: {x: 1, y: {a: 1}}, gone: null, kind: {}, 'a/b~': 1};
    const after = {same: [1], z: {x: 2, y: {a: 1, b: {}}}, kind: [], 'a/b~': 2, made: null};
    expect(difference(before, after)).to.deep.equal([
      {path: '/a~1b~0', change: 'changed', before: 1, after: 2},
      {path: '/gone', change: 'removed', before: null},
      {path: '/kind', change: 'changed', before: {}, after: []},
      {path: '/made', change: 'added', after: null},
      {path: '/z/x', change: 'changed', before: 1, after: 2},
      {path: '/z/y/b', change: 'added', after: {}},
    ]);
  });

  it('tells of a document that appeared or disappeared', () => {
    expect(difference(undefined, {a: 1})).to.deep.equal([{path: '', change: 'added', after: {a: 1}}]);
    expect(difference(null, undefined)).to.deep.equal([{path: '', change: 'removed', before: null}]);
    expect(difference(undefined, undefined)).to.deep.equal([]);
  });

  it('compares lists with a key item by item', () => {
    const before = {partials: [{from: 'a', size: 1}, {from: 'b/c', size: 1}, {from: 'd', size: 1}]};
    const after = {partials: [{from: 'n', size: 1}, {from: 'a', size: 1}, {from: 'b/c', size: 2}]};
    expect(difference(before, after)).to.deep.equal([
      {path: '/partials/b~1c/size', change: 'changed', before: 1, after: 2},
      {path: '/partials/d', change: 'removed', before: {from: 'd', size: 1}},
      {path: '/partials/n', change: 'added', after: {from: 'n', size: 1}},
    ]);
  });

  it('tells at the list that items which stayed changed places', () => {
    const listOf = (names: string): Json => ({partials: Array.from(names, (from) => ({from}))});
    expect(difference(listOf('abc'), listOf('xbac')).map(({path, change}) => `${change} ${path}`))
      .to.deep.equal(['changed /partials', 'added /partials/x']);
  });

  it('compares other lists as a whole, also those whose items have no key in spite of the policy', () => {
    expect(difference({l: [1, 2]}, {l: [1, 2, 3]})).to.deep.equal([{path: '/l', change: 'changed', before: [1, 2], after: [1, 2, 3]}]);
    expect(difference({partials: [{}, {}]}, {partials: [{}, {from: 'a'}]})).to.deep.equal(
      [{path: '/partials', change: 'changed', before: [{}, {}], after: [{}, {from: 'a'}]}]);
    expect(difference({partials: [1]}, {partials: [2]}, {lists: []}).map(({path}) => path)).to.deep.equal(['/partials']);
  });

  it('is empty for equal documents and only for them, and says the opposite the other way round', () => {
    const opposite = {added: 'removed', removed: 'added', changed: 'changed'} as const;
    fc.assert(fc.property(triple, ({tip, incoming}) => {
      const there = difference(tip, incoming, POLICY);
      expect(difference(tip, tip, POLICY)).to.deep.equal([]);
      expect(there.length === 0).to.equal(equalJson(tip, incoming));
      expect(difference(incoming, tip, POLICY)).to.deep.equal(there.map(({path, change, before, after}): Difference =>
        ({path, change: opposite[change], ...after !== undefined && {before: after}, ...before !== undefined && {after: before}})));
    }), {numRuns: 200});
  });

  it('tells the value that stands at the path', () => {
    const at = (document: Json | undefined, path: string): Json | undefined => parsePointer(path).reduce<Json | undefined>((value, name) =>
      Array.isArray(value) ? (value as Record<string, Json>[]).find((item) => item.from === name || item.id === name)
        : (value as Record<string, Json> | undefined)?.[name], document);
    let told = 0;
    fc.assert(fc.property(triple, ({tip, incoming}) => {
      for (const {path, before, after} of difference(tip, incoming, POLICY)) {
        told++;
        if (path.includes('constructor')) continue;
        expect([at(tip, path), at(incoming, path)]).to.deep.equal([before, after]);
      }
    }), {numRuns: 200});
    expect(told).to.be.above(200);
  });
});
