import {expect} from 'chai';
import {canonicalJson} from '../../../src/core/canonical-json.js';
import {checkJson} from '../../../src/catalogue/merge/check-json.js';
import {checkLists} from '../../../src/catalogue/merge/check-lists.js';
import type {Json} from '../../../src/core/json.js';
import {merge, type MergeResult} from '../../../src/catalogue/merge/merge.js';
import {literalMerge} from './literal-merge.js';
import {POLICY, type Triple} from './triples.js';

/** What holds for any three documents, each by the name of the law; they throw when it doesn't. */
const LAWS: Readonly<Record<string, (triple: Triple) => void>> = {
  'takes what came in when the tip is as the ancestor': ({ancestor, incoming}) =>
    expectMerged(mergeOf(ancestor, ancestor, incoming), incoming),
  'keeps the tip when what came in is as the ancestor': ({ancestor, tip}) =>
    expectMerged(mergeOf(ancestor, tip, ancestor), tip),
  'gives what both sides agree on, whatever it was before': ({ancestor, tip}) => {
    expectMerged(mergeOf(ancestor, tip, tip), tip);
    expectMerged(mergeOf(undefined, tip, tip), tip);
    expectMerged(mergeOf(ancestor, undefined, undefined), undefined);
  },
  'gives the same from either side, but for the order of lists': ({ancestor, tip, incoming}) => {
    const there = mergeOf(ancestor, tip, incoming);
    const back = mergeOf(ancestor, incoming, tip);
    expect(unordered(there.merged)).to.equal(unordered(back.merged));
    expect(there.conflicts.map((conflict) => ({...conflict}))).to.deep.equal(back.conflicts.map(
      ({tip: ours, incoming: theirs, ...rest}) =>
        ({...rest, ...theirs !== undefined && {tip: theirs}, ...ours !== undefined && {incoming: ours}})));
  },
  'loses no fact that either side added, and keeps what neither removed': ({ancestor, tip, incoming}) => {
    const {merged, conflicts} = mergeOf(ancestor, tip, incoming);
    if (conflicts.length > 0) return;
    const [before, ours, theirs, after] = [ancestor, tip, incoming, merged].map(factsIn) as [Facts, Facts, Facts, Facts];
    for (const [fact, count] of [...ours, ...theirs]) {
      const added = count > (before.get(fact) ?? 0);
      if (added) expect(after.get(fact) ?? 0, fact).to.be.at.least(count);
    }
    for (const [fact, count] of before) {
      if ((ours.get(fact) ?? 0) >= count && (theirs.get(fact) ?? 0) >= count) expect(after.get(fact) ?? 0, fact).to.be.at.least(count);
    }
  },
  'invents no fact': ({ancestor, tip, incoming}) => {
    const known = new Set([ancestor, tip, incoming].flatMap((document) => [...factsIn(document).keys()]));
    expect([...factsIn(mergeOf(ancestor, tip, incoming).merged).keys()].filter((fact) => !known.has(fact))).to.deep.equal([]);
  },
  'never pairs a size with the digest of another file': ({ancestor, tip, incoming}) => {
    const pairs = new Set([ancestor, tip, incoming].flatMap((document) => filesIn(document)));
    expect(filesIn(mergeOf(ancestor, tip, incoming).merged).filter((pair) => !pairs.has(pair))).to.deep.equal([]);
  },
  'leaves the inputs as they are': ({ancestor, tip, incoming}) => {
    const before = canonicalJson([ancestor, tip, incoming]);
    for (const document of [ancestor, tip, incoming]) freeze(document);
    mergeOf(ancestor, tip, incoming);
    expect(canonicalJson([ancestor, tip, incoming])).to.equal(before);
  },
  'does nothing when a write that was merged comes again': ({ancestor, tip, incoming}) => {
    const {merged, conflicts} = mergeOf(ancestor, tip, incoming);
    if (conflicts.length === 0) expectMerged(mergeOf(ancestor, merged, incoming), merged);
  },
  'gives a document, and nothing beside conflicts': ({ancestor, tip, incoming}) => {
    const {merged, conflicts} = mergeOf(ancestor, tip, incoming);
    expect(conflicts.length > 0 && merged !== undefined).to.equal(false);
    if (merged === undefined) return;
    checkJson(merged);
    checkLists(merged, POLICY);
  },
  'does what the rules say when they are read literally': ({ancestor, tip, incoming}) => {
    for (const before of [ancestor, undefined]) {
      const {merged, conflicts} = mergeOf(before, tip, incoming);
      const expected = literalMerge(before, tip, incoming);
      expect(conflicts.map(({path, kind}) => ({path, kind}))).to.deep.equal(expected.conflicts);
      expectMerged({merged, conflicts: []}, expected.merged);
    }
  },
};

/** Asks all laws; the error names the one that is broken. */
export function checkLaws(triple: Triple): void {
  for (const [law, check] of Object.entries(LAWS)) {
    try {
      check(triple);
    } catch (error) {
      throw new Error(`the law broken: merge ${law}`, {cause: error});
    }
  }
}

function mergeOf(ancestor: Json | undefined, tip: Json | undefined, incoming: Json | undefined): MergeResult {
  return merge(ancestor, tip, incoming, POLICY);
}

function expectMerged({merged, conflicts}: MergeResult, expected: Json | undefined): void {
  expect(conflicts).to.deep.equal([]);
  expect(merged === undefined ? undefined : canonicalJson(merged)).to.equal(expected === undefined ? undefined : canonicalJson(expected));
}

/** Facts and mirrors, with the place of each and what it says, and how often it is there. */
type Facts = ReadonlyMap<string, number>;

function factsIn(document: Json | undefined): Facts {
  const facts = new Map<string, number>();
  const walk = (value: Json | undefined, path: string, field: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inside] of Object.entries(value)) {
      if (field === 'partials' || field === 'mirrors') {
        const fact = `${path} ${canonicalJson(inside)}`;
        facts.set(fact, (facts.get(fact) ?? 0) + 1);
      } else {
        walk(inside, `${path}/${field === 'packages' ? (inside as {id: string}).id : name}`, name);
      }
    }
  };
  walk(document, '', '');
  return facts;
}

function filesIn(value: Json | undefined): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const {size, hashValue} = value as {size?: Json; hashValue?: Json};
  const own = size === undefined && hashValue === undefined ? [] : [JSON.stringify([size, hashValue])];
  return [...own, ...Object.values(value).flatMap((inside) => filesIn(inside))];
}

/** Canonical text of a document with its lists sorted. */
export function unordered(value: Json | undefined): string {
  const sorted = (inside: Json): Json => {
    if (typeof inside !== 'object' || inside === null) return inside;
    if (Array.isArray(inside)) return (inside as Json[]).map(sorted).sort((a, b) => canonicalJson(a) < canonicalJson(b) ? -1 : 1);
    return Object.fromEntries(Object.entries(inside).map(([name, field]) => [name, sorted(field)]));
  };
  return value === undefined ? '' : canonicalJson(sorted(value));
}

/** Freezes it all, so that writing to it throws. */
export function freeze(value: Json | undefined): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const inside of Object.values(value)) freeze(inside);
}
