import {expect} from 'chai';
import type {Json} from '../../../src/core/json.js';
import {merge} from '../../../src/catalogue/merge/merge.js';
import type {MergePolicy} from '../../../src/catalogue/merge/merge-policy.js';
import {factOf} from './triples.js';

/** A document that counts how often anything in it is looked at. */
function counted(value: Json, count: () => void): Json {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as Record<string, Json>).map(([name, inside]) => [name, counted(inside, count)] as const);
  const copy = Array.isArray(value) ? entries.map(([, inside]) => inside) : Object.fromEntries(entries);
  const seen = <T>(answer: T): T => {
    count();
    return answer;
  };
  return new Proxy(copy, {
    get: (target, name): unknown => seen(Reflect.get(target, name)),
    ownKeys: (target) => seen(Reflect.ownKeys(target)),
    getOwnPropertyDescriptor: (target, name) => seen(Reflect.getOwnPropertyDescriptor(target, name)),
  });
}

function workOf(three: readonly [Json, Json, Json], policy?: MergePolicy): number {
  let work = 0;
  const [ancestor, tip, incoming] = three.map((document) => counted(document, () => work++)) as [Json, Json, Json];
  merge(ancestor, tip, incoming, policy);
  return work;
}

const range = <T>(size: number, make: (index: number) => T): T[] => Array.from({length: size}, (_, index) => make(index));
const platforms = (size: number, side: number): Json => Object.fromEntries(range(size, (at) => [`p${at}`, {
  partials: [factOf(1, 0), ...side === 0 ? [] : [factOf(1 + side, 0)]],
  mirrors: range(side, (index) => ({url: `${side} ${index}`})), build: side,
}]));
const facts = (size: number, side: number): Json =>
  ({partials: [...range(size, (at) => factOf(at, 0)), ...range(side * size, (at) => factOf(side * size + at, 0))]});
const mirrors = (size: number, side: number): Json =>
  [...range(size, (at) => ({url: `${at}`})), ...range(side * size, (at) => ({url: `${side} ${at}`}))];
/** Every level is an object, a keyed list, or both, and the sides differ only at the bottom, where comparing ends last. */
const deep = (size: number, side: number, keyed: boolean): Json => range(size, (at) => at).reduce<Json>((inside) =>
  keyed ? {a: 1, l: [{id: 'x', a: 1, inside}]} : {a: 1, b: [1, 2], inside}, {side: {[side]: side}});

describe('merge, work', () => {
  const KEYED: MergePolicy = {lists: [{path: '/**/l', kind: 'keyed', key: 'id'}]};
  const cases: readonly [string, number, (size: number, side: number) => Json, MergePolicy?][] = [
    ['wide objects, each part in conflict', 100, platforms],
    ['one list of facts, a third of them added by each side', 300, facts],
    ['one list without keys', 300, mirrors],
    ['lists in which nothing fits', 300, (size, side) => range(size, (at) => ({url: `${side} ${at}`}))],
    ['objects in objects', 30, (size, side) => deep(size, side, false)],
    ['keyed lists in keyed lists', 15, (size, side) => deep(size, side, true), KEYED],
    ['keyed lists that were turned round', 300, (size, side) => {
      const list = range(size, (at) => ({id: `${at}`, x: at}));
      return {l: side === 2 ? list.reverse() : [...list, {id: `${side}`.repeat(9)}]};
    }, KEYED],
  ];

  for (const [what, size, make, policy] of cases) {
    it(`grows with the input and no faster: ${what}`, () => {
      const [once, twice] = [size, 2 * size].map((n) => workOf([make(n, 0), make(n, 1), make(n, 2)], policy)) as [number, number];
      expect(once, 'it counts').to.be.above(size);
      expect(twice / once).to.be.within(1.5, 2.2);
    });
  }

  it('looks at the values of 100 locales on 20 platforms a few times each', () => {
    const release = (side: number): Json => ({platforms: Object.fromEntries(range(20, (platform) =>
      [`p${platform}`, {locales: Object.fromEntries(range(100, (at) => [`l${at}`, {
        build: '2017', completes: [factOf(0, 0)],
        partials: [factOf(1, 0), ...side > 0 && at % 2 === 0 ? [factOf(1 + side, 0)] : []],
      }]))}]))});
    const documents = [release(0), release(1), release(2)] as const;
    const values = documents.reduce<number>((sum, document) => sum + JSON.stringify(document).split(/[:,]/).length, 0);
    expect(merge(...documents).conflicts).to.deep.equal([]);
    expect(workOf(documents) / values).to.be.within(5, 25);
  });
});
