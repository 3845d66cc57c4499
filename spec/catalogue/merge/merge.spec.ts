import {expect} from 'chai';
import type {Json} from '../../../src/core/json.js';
import {merge} from '../../../src/catalogue/merge/merge.js';

const file = (which: number): Json => ({size: which, hashValue: `h${which}`, url: 'u'});
const merged = (value: Json | undefined): unknown => ({merged: value, conflicts: []});

describe('merge', () => {
  it('gives what both sides agree on (rule 1)', () => {
    expect(merge({a: 1}, {a: 2}, {a: 2})).to.deep.equal(merged({a: 2}));
    expect(merge('a', null, null)).to.deep.equal(merged(null));
    expect(merge('a', undefined, undefined)).to.deep.equal(merged(undefined));
    expect(merge(undefined, {a: 1}, {a: 1})).to.deep.equal(merged({a: 1}));
  });

  it('takes what came in when only that changed (rule 2)', () => {
    expect(merge({a: 1}, {a: 1}, {a: 2, b: 3})).to.deep.equal(merged({a: 2, b: 3}));
    expect(merge({a: 1, b: 1}, {b: 1, a: 1}, 7)).to.deep.equal(merged(7));
    expect(merge(1, 1, undefined)).to.deep.equal(merged(undefined));
    expect(merge(undefined, undefined, 1)).to.deep.equal(merged(1));
  });

  it('keeps the tip when only that changed (rule 3)', () => {
    expect(merge({a: 1}, {a: 2}, {a: 1})).to.deep.equal(merged({a: 2}));
    expect(merge(1, undefined, 1)).to.deep.equal(merged(undefined));
  });

  it('takes null for a value, and not for absent', () => {
    expect(merge({a: null}, {}, {a: null})).to.deep.equal(merged({}));
    expect(merge({}, {a: null}, {b: null})).to.deep.equal(merged({a: null, b: null}));
    expect(merge({a: null}, {}, {a: 1}).conflicts).to.deep.equal([{path: '/a', kind: 'delete-modify', ancestor: null, incoming: 1}]);
    expect(merge({l: null}, {l: [1]}, {l: [2]}).conflicts.map(({kind}) => kind)).to.deep.equal(['type']);
  });

  it('honours a removal that the other side knows nothing of, on either side', () => {
    expect(merge({a: 1, b: 1}, {b: 1}, {a: 1, b: 2})).to.deep.equal(merged({b: 2}));
    expect(merge({a: {x: 1}, b: 1}, {a: {x: 1}, b: 2}, {b: 1})).to.deep.equal(merged({b: 2}));
  });

  it('takes a number for what it is, however it was written', () => {
    expect(merge({a: 0}, {a: -0}, {a: 5})).to.deep.equal(merged({a: 5}));
    expect(merge(JSON.parse('{"a": [1.0, 1e2]}'), JSON.parse('{"a": [1, 100]}'), {a: [5]})).to.deep.equal(merged({a: [5]}));
  });

  it('never mixes an object that carries a digest or a size (rule 4)', () => {
    const [tip, incoming] = [{size: 2, hashValue: 'h1', url: 'u'}, {size: 1, hashValue: 'h3', url: 'u'}];
    expect(merge({f: file(1)}, {f: tip}, {f: incoming})).to.deep.equal(
      {merged: undefined, conflicts: [{path: '/f', kind: 'both-changed', ancestor: file(1), tip, incoming}]});
    expect(merge({f: {}}, {f: {size: 1}}, {f: {note: 'n'}}).conflicts).to.have.length(1);
    expect(merge({f: {}}, {f: {note: 'n'}}, {f: {size: 1}}).conflicts).to.have.length(1);
    expect(merge({}, {f: {}}, {f: {size: 1}}).conflicts).to.have.length(1);
    expect(merge({f: {size: 1}}, {f: {a: 1}}, {f: {b: 1}}).conflicts, 'it was one before').to.have.length(1);
    expect(merge({}, {f: {size: 1}}, {f: {sha256: 'x'}}).conflicts.map(({path}) => path)).to.deep.equal(['/f']);
    expect(merge({f: file(1), n: 1}, {f: file(2), n: 1}, {f: file(1), n: 2})).to.deep.equal(merged({f: file(2), n: 2}));
  });

  it('tells one conflict for such an object, whatever is in it', () => {
    const sides = [1, 2, 3].map((n) => ({f: {size: n, deep: {a: n, b: {c: n}}}}));
    expect(merge(sides[0], sides[1], sides[2]).conflicts.map(({path}) => path)).to.deep.equal(['/f']);
  });

  for (const name of ['size', 'digest', 'sha256', 'sha512', 'SHA-256', 'hashValue', 'hashes', 'filesize', 'file_size', 'checksum']) {
    it(`knows ${name} for the name of a digest or a size`, () => {
      expect(merge({[name]: 1}, {[name]: 1, a: 1}, {[name]: 1, b: 1}).conflicts.map(({kind}) => kind)).to.deep.equal(['both-changed']);
    });
  }

  it('takes the names of the policy for these instead, and hashFunction for none', () => {
    expect(merge({size: 1}, {size: 1, a: 1}, {size: 1, b: 1}, {atomic: ['etag']})).to.deep.equal(merged({size: 1, a: 1, b: 1}));
    expect(merge({etag: 1}, {etag: 1, a: 1}, {etag: 1, b: 1}, {atomic: ['eTag']}).conflicts).to.have.length(1);
    expect(merge({hashFunction: 's'}, {hashFunction: 's', a: 1}, {hashFunction: 's', b: 1}).conflicts).to.deep.equal([]);
  });

  it('recurses over the union of the fields, and tells every conflict, sorted by path (rule 5)', () => {
    const ancestor = {same: 1, z: 1, sub: {x: 1, y: 1}, gone: 1, kind: 1};
    const tip = {same: 1, z: 2, sub: {x: 2, y: 1, t: 1}, kind: 'a', tip: 1};
    const incoming = {same: 1, z: 3, sub: {x: 3, y: 4}, gone: 2, kind: {}, 'a/b~': 1};
    expect(merge(ancestor, tip, incoming)).to.deep.equal({merged: undefined, conflicts: [
      {path: '/gone', kind: 'delete-modify', ancestor: 1, incoming: 2},
      {path: '/kind', kind: 'type', ancestor: 1, tip: 'a', incoming: {}},
      {path: '/sub/x', kind: 'both-changed', ancestor: 1, tip: 2, incoming: 3},
      {path: '/z', kind: 'both-changed', ancestor: 1, tip: 2, incoming: 3},
    ]});
    expect(merge({sub: {x: 1}}, {sub: {x: 1, 'a/b': {}}, t: 1}, {sub: {y: 1}, r: 1}))
      .to.deep.equal(merged({sub: {'a/b': {}, y: 1}, t: 1, r: 1}));
  });

  it('combines what two writers created at the same time', () => {
    expect(merge(undefined, {a: 1, s: {x: 1}}, {b: 2, s: {y: 1}})).to.deep.equal(merged({a: 1, b: 2, s: {x: 1, y: 1}}));
    expect(merge(undefined, {a: 1}, {a: 2}).conflicts).to.deep.equal([{path: '/a', kind: 'both-changed', tip: 1, incoming: 2}]);
  });

  it('tells a conflict of types where there is nothing to recurse into (rule 7)', () => {
    const kindOf = (ancestor: Json | undefined, tip: Json, incoming: Json): string[] =>
      merge(ancestor, tip, incoming).conflicts.map(({path, kind}) => `${path} ${kind}`);
    expect(kindOf(undefined, {}, [])).to.deep.equal([' type']);
    expect(kindOf(1, '1', 2)).to.deep.equal([' type']);
    expect(kindOf(1, {a: 1}, {b: 1})).to.deep.equal([' type']);
    expect(kindOf({}, [1], [2])).to.deep.equal([' type']);
    expect(kindOf(1, '1', '2')).to.deep.equal([' both-changed']);
    expect(kindOf([], {size: 1}, {size: 2})).to.deep.equal([' both-changed']);
  });

  it('keeps to own fields, whatever they are named', () => {
    expect(merge({}, {constructor: 1}, {toString: 2})).to.deep.equal(merged({constructor: 1, toString: 2}));
    const odd = JSON.parse('{"__proto__": {"polluted": true}}') as Json;
    const {merged: outcome} = merge({}, odd, {a: 1});
    expect(Object.getPrototypeOf(outcome)).to.equal(Object.prototype);
    expect(({} as {polluted?: boolean}).polluted).to.equal(undefined);
  });

  it('names odd fields in its paths as RFC 6901 does', () => {
    expect(merge({'a/b': {'~': 1, '': 1}}, {'a/b': {'~': 2, '': 2}}, {'a/b': {'~': 3, '': 3}}).conflicts.map(({path}) => path))
      .to.deep.equal(['/a~1b/', '/a~1b/~0']);
  });
});
