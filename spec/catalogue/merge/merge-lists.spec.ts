import {expect} from 'chai';
import type {Json} from '../../../src/core/json.js';
import {InvalidDocument} from '../../../src/catalogue/merge/invalid-document.js';
import {merge, type MergeResult} from '../../../src/catalogue/merge/merge.js';
import type {MergePolicy} from '../../../src/catalogue/merge/merge-policy.js';

const fact = (from: string, size = 1): Json => ({from, size, hashValue: `h${size}`});
const facts = (names: string): Json => Array.from(names, (name) => fact(name));
const KEYED: MergePolicy = {lists: [{path: '/l', kind: 'keyed', key: 'id'}]};
const items = (...list: readonly (string | Record<string, Json>)[]): Json =>
  ({l: list.map((item) => typeof item === 'string' ? {id: item} : item)});

const namesIn = ({merged, conflicts}: MergeResult, list: string, key: string): string => {
  expect(conflicts).to.deep.equal([]);
  return (merged as Record<string, Record<string, string>[]>)[list]!.map((item) => item[key]).join('');
};
const order = (ancestor: string, tip: string, incoming: string): string =>
  namesIn(merge({partials: facts(ancestor)}, {partials: facts(tip)}, {partials: facts(incoming)}), 'partials', 'from');
const told = ({conflicts}: MergeResult): string[] => conflicts.map(({path, kind}) => `${path} ${kind}`);

describe('merge of lists', () => {
  it('appends what both sides added, the tip\'s first', () => {
    expect(order('ab', 'abt', 'abr')).to.equal('abtr');
    expect(order('', 't', 'r')).to.equal('tr');
    expect(order('ab', 'tab', 'arb')).to.equal('tabr');
    expect(namesIn(merge({}, {partials: facts('t')}, {partials: facts('r')}), 'partials', 'from')).to.equal('tr');
  });

  it('has an equal fact once when both sides added it', () => {
    expect(order('a', 'axt', 'arx')).to.equal('axtr');
  });

  it('keeps the order of the side that moved items, then the other side\'s additions in theirs', () => {
    expect(order('abc', 'abct', 'carbq')).to.equal('carbqt');
    expect(order('abc', 'cbat', 'abcrq')).to.equal('cbatrq');
    expect(order('abc', 'cbat', 'cbar')).to.equal('cbatr');
  });

  it('is a conflict when both sides moved items differently', () => {
    expect(told(merge({partials: facts('abc')}, {partials: facts('bac')}, {partials: facts('acb')})))
      .to.deep.equal(['/partials list-not-append-only']);
  });

  it('is a conflict at the list when an item of the ancestor was removed or changed, whichever side did', () => {
    const before = {partials: facts('ab')};
    for (const changed of [{partials: facts('a')}, {partials: [fact('a'), fact('b', 2)]}]) {
      const appended = {partials: facts('abr')};
      expect(merge(before, changed, appended)).to.deep.equal({merged: undefined, conflicts: [
        {path: '/partials', kind: 'list-not-append-only', ancestor: before.partials, tip: changed.partials, incoming: appended.partials},
      ]});
      expect(told(merge(before, appended, changed))).to.deep.equal(['/partials list-not-append-only']);
    }
  });

  it('is a conflict at the item when both added one key with different content, even what could be mixed', () => {
    const policy: MergePolicy = {lists: [{path: '/**/l', kind: 'append', key: 'id'}]};
    const [tip, incoming] = [{l: [{id: 'a/b', x: 1}, {id: 'c', n: 1}, {id: 't'}]}, {l: [{id: 'a/b', y: 1}, {id: 'c', n: 2}]}];
    expect(merge({l: []}, tip, incoming, policy)).to.deep.equal({
      merged: undefined,
      conflicts: [
        {path: '/l/a~1b', kind: 'both-changed', tip: {id: 'a/b', x: 1}, incoming: {id: 'a/b', y: 1}},
        {path: '/l/c', kind: 'both-changed', tip: {id: 'c', n: 1}, incoming: {id: 'c', n: 2}},
      ],
    });
  });

  it('compares items without a key as a whole, in which the order of fields and 1.0 make no difference', () => {
    expect(merge({l: [{a: 1, b: 2}]}, JSON.parse('{"l": [{"b": 2.0, "a": 1.0}, "t"]}') as Json, {l: [{a: 1, b: 2}, 'r']}).merged)
      .to.deep.equal({l: [{a: 1, b: 2}, 't', 'r']});
    expect(merge({l: []}, {l: [1, 1, '1']}, {l: [1, null]}).merged).to.deep.equal({l: [1, 1, '1', null]});
    expect(told(merge({l: [1, 1]}, {l: [1]}, {l: [1, 1, 2]}))).to.deep.equal(['/l list-not-append-only']);
  });

  it('takes the first key that an item has', () => {
    const both = merge({partials: []}, {partials: [{from: 'a', n: 1}]}, {partials: [{key: 'a', from: 'b', n: 2}, {from: 'c'}]});
    expect(told(both)).to.deep.equal(['/partials/a both-changed']);
  });

  it('takes a number for the same key as its text', () => {
    expect(told(merge({partials: []}, {partials: [{from: 1}]}, {partials: [{from: '1'}]}))).to.deep.equal(['/partials/1 both-changed']);
  });

  it('merges a keyed list item by item', () => {
    const [tip, incoming] = [items('t', {id: 'c', x: 2, y: 1}, 'b'), items('a', 'b', {id: 'c', x: 1, y: 2}, 'r')] as const;
    expect(merge(items('a', 'b', {id: 'c', x: 1, y: 1}), tip, incoming, KEYED))
      .to.deep.equal({merged: items('t', {id: 'c', x: 2, y: 2}, 'b', 'r'), conflicts: []});
    expect(merge(items(), items({id: 'n', x: 1}), items({id: 'n', y: 1}), KEYED).merged).to.deep.equal(items({id: 'n', x: 1, y: 1}));
    expect(merge({}, items('t'), items('r'), KEYED).merged).to.deep.equal(items('t', 'r'));
  });

  it('tells every conflict of a keyed list at its item, and that of the order at the list', () => {
    const ancestor = items('a', 'b', {id: 'c', x: 1}, {id: 'f', size: 1}, 'g');
    const tip = items('b', 'a', {id: 'c', x: 2}, {id: 'f', size: 2}, {id: 'g', t: 1});
    const incoming = items({id: 'c', x: 3}, 'a', 'b', {id: 'f', size: 1, url: 'u'});
    expect(told(merge(ancestor, tip, incoming, KEYED))).to.deep.equal(
      ['/l list-not-append-only', '/l/c/x both-changed', '/l/f both-changed', '/l/g delete-modify']);
  });

  it('knows a keyed list that was added from one that was empty', () => {
    const [tip, incoming] = [{size: 1, l: []}, {size: 1, l: [{id: 'r'}]}];
    expect(told(merge({size: 1}, tip, incoming, KEYED))).to.deep.equal([' both-changed']);
    expect(merge({size: 1, l: []}, tip, incoming, KEYED).merged).to.deep.equal(incoming);
  });

  it('moves and removes items of a keyed list at the same time', () => {
    expect(namesIn(merge(items('a', 'b', 'c'), items('c', 'b', 'a'), items('a', 'c'), KEYED), 'l', 'id')).to.equal('ca');
  });

  it('takes a list that is replaced as one value', () => {
    const policy: MergePolicy = {lists: [{path: '/l', kind: 'replace'}]};
    expect(merge({l: [1]}, {l: [1, 2]}, {l: [1, 3]}, policy).conflicts).to.deep.equal(
      [{path: '/l', kind: 'both-changed', ancestor: [1], tip: [1, 2], incoming: [1, 3]}]);
    expect(merge({l: [1], n: 1}, {l: [2], n: 1}, {l: [1], n: 2}, policy).merged).to.deep.equal({l: [2], n: 2});
  });

  for (const side of [0, 1, 2]) {
    it(`refuses a fact without a key, and two with one, before it merges (${['ancestor', 'tip', 'incoming'][side]})`, () => {
      const merging = (partials: Json) => (): MergeResult => {
        const [ancestor, tip, incoming] = [0, 1, 2].map((at) => ({partials: at === side ? partials : []}));
        return merge(ancestor, tip, incoming);
      };
      expect(merging([fact('a'), {size: 1}])).to.throw(InvalidDocument).with.property('path', '/partials/1');
      expect(merging([fact('a'), fact('b'), fact('a')])).to.throw(InvalidDocument).with.property('path', '/partials/2');
    });
  }
});
