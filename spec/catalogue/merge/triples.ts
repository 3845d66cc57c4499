import fc from 'fast-check';
import type {Json} from '../../../src/core/json.js';
import type {MergePolicy} from '../../../src/catalogue/merge/merge-policy.js';

/** What three writers could have in their hands: the last two come from the first by edits, some of them in common. */
export interface Triple {
  readonly ancestor: Json;
  readonly tip: Json;
  readonly incoming: Json;
}

/** The lists of the documents here, one of each kind. */
export const POLICY: MergePolicy = {lists: [
  {path: '/**/partials', kind: 'append', key: ['key', 'from']},
  {path: '/**/packages', kind: 'keyed', key: 'id'},
  {path: '/**/tags', kind: 'replace'},
]};

/** A document that edits may change. */
export type Loose = null | boolean | number | string | Loose[] | {[name: string]: Loose};
type LooseObject = Record<string, Loose>;
/** Any numbers; each edit makes of them what fits the place. */
export type Edit = readonly [where: number, what: number, which: number];

const SCALARS: readonly Loose[] = [null, true, 0, 1, 1.5, '', 'a', 'b'];
const MIRRORS: readonly Loose[] = ['m', 'n', 1, '1', {x: 1, y: 2}, ['m']];

/** A file: its size and its digest belong together. */
export const fileOf = (which: number): LooseObject => ({url: `u${which}`, size: 1000 + which, hashValue: `h${which}`});
/** A fact about the update from `r<from>`; another `which` is another file. */
export const factOf = (from: number, which: number): LooseObject => ({from: `r${from}`, ...fileOf(10 * from + which)});
const packageOf = (id: number, which: number): LooseObject =>
  ({id: `p${id}`, title: SCALARS[which % SCALARS.length]!, file: fileOf(which % 3), partials: [factOf(which % 3, 0)], tags: ['x']});

/** Where edits go first; `any` is no place, and means any. */
const BUSY = ['partials', 'partials', 'mirrors', 'packages', 'node', 'node', 'any'];

const scalar = fc.constantFrom(...SCALARS);
const file = fc.nat(3).map(fileOf);
const facts = fc.uniqueArray(fc.tuple(fc.nat(4), fc.nat(1)), {selector: ([from]) => from, maxLength: 4})
  .map((list) => list.map(([from, which]) => factOf(from, which)));
const packages = fc.uniqueArray(fc.tuple(fc.nat(3), fc.nat(9)), {selector: ([id]) => id, maxLength: 2})
  .map((list) => list.map(([id, which]) => packageOf(id, which)));
const fields: Record<string, fc.Arbitrary<Loose>> = {
  title: scalar, 'a/b~': scalar, constructor: scalar, file, partials: facts, packages,
  mirrors: fc.array(fc.constantFrom(...MIRRORS), {maxLength: 4}), tags: fc.array(fc.constantFrom<Loose>('x', 'y'), {maxLength: 3}),
};
const leaf = fc.record(fields, {requiredKeys: []}) as fc.Arbitrary<LooseObject>;
/** Mostly with all the lists, so that two writers meet in one. */
const branch = fc.tuple(leaf, leaf, facts, packages)
  .map(([own, sub, partials, list]): LooseObject => ({partials, packages: list, mirrors: ['m'], ...own, sub}));

/** An ancestor for other laws than those of triples. */
export const documentArbitrary: fc.Arbitrary<Loose> = fc.oneof({weight: 6, arbitrary: branch}, {weight: 1, arbitrary: leaf});

const edits = (maxLength: number): fc.Arbitrary<Edit[]> => fc.array(fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999)), {maxLength});

/** Triples that overlap: one ancestor, edits that both sides made, and edits of each side. */
export const triple: fc.Arbitrary<Triple> = fc.record({ancestor: documentArbitrary, common: edits(2), tip: edits(4), incoming: edits(4)})
  .map(({ancestor, common, tip, incoming}) => ({
    ancestor: ancestor, tip: edited(ancestor, [...common, ...tip]), incoming: edited(ancestor, [...common, ...incoming]),
  }));

/** A copy after these edits; it is a document again, with a key in each item that needs one. */
export function edited(document: Loose, list: readonly Edit[]): Json {
  const copy = structuredClone(document);
  for (const [where, what, which] of list) {
    const places = containersIn(copy, 'node');
    // Mostly the same few lists, as real writers do; two writers who never meet would show nothing.
    const busy = places.filter(({kind}) => kind === BUSY[where % BUSY.length]);
    const place = busy.length > 0 ? busy[Math.floor(which / 100) % Math.min(busy.length, 2)] : places[what % (places.length || 1)];
    if (place === undefined) continue;
    if (Array.isArray(place.container)) editList(place.container, place.kind, what, which);
    else editObject(place.container, place.kind, what, which);
  }
  return copy;
}

interface Place {
  readonly container: Loose[] | LooseObject;
  /** The name of the field that holds it; items of lists have that of the list. */
  readonly kind: string;
}

function containersIn(value: Loose, kind: string): Place[] {
  if (typeof value !== 'object' || value === null || kind === 'mirrors item') return [];
  if (Array.isArray(value)) return [{container: value, kind}, ...value.flatMap((item) => containersIn(item, `${kind} item`))];
  return [{container: value, kind}, ...Object.entries(value).flatMap(([name, field]) => containersIn(field, name))];
}

function editObject(object: LooseObject, kind: string, what: number, which: number): void {
  if (kind === 'partials item' || kind === 'file') {
    if (what % 5 === 0) delete object.url;
    else if (what % 5 === 1) object.note = which % 2;
    else Object.assign(object, fileOf(which % 4));
    return;
  }
  const names = ['title', 'a/b~', 'constructor', 'file', 'partials', 'packages', 'mirrors', 'tags', 'sub'];
  const name = what % 2 === 0 ? 'added' : names[which % names.length]!;
  if (which % 7 === 0) Reflect.deleteProperty(object, name);
  else if (which % 7 === 1) object[name] = SCALARS[which % SCALARS.length]!;
  else if (name === 'added') object[name] = {...Object(object[name]) as LooseObject, [`f${what % 3}`]: true};
  else object[name] = valueOf(name, what);
}

function valueOf(name: string, what: number): Loose {
  if (name === 'file') return fileOf(what % 4);
  if (name === 'partials') return [factOf(what % 5, what % 2)];
  if (name === 'packages') return [packageOf(what % 4, what % 7)];
  if (name === 'mirrors') return [MIRRORS[what % MIRRORS.length]!];
  if (name === 'tags') return ['x', 'y', 'z'].slice(what % 3);
  return name === 'sub' ? {title: what % 2} : SCALARS[what % SCALARS.length]!;
}

function editList(list: Loose[], kind: string, what: number, which: number): void {
  const at = list.length === 0 ? 0 : which % list.length;
  if (what % 8 === 0) {
    list.splice(at, 1);
  } else if (what % 8 === 1) {
    list.push(...list.splice(at, 1));
  } else if (what % 8 === 2) {
    list.reverse();
  } else {
    const item = itemOf(kind, which);
    const name = nameOf(item);
    if (name !== undefined && list.some((other) => nameOf(other) === name)) return;
    list.splice(what % 8 === 3 ? 0 : list.length, 0, item);
  }
}

function itemOf(kind: string, which: number): Loose {
  if (kind.startsWith('partials')) return factOf(which % 5 < 4 ? 5 + which % 3 : which % 5, which % 2);
  if (kind.startsWith('packages')) return packageOf(which % 6, which % 5);
  return kind.startsWith('tags') ? `t${which % 3}` : MIRRORS[which % MIRRORS.length]!;
}

function nameOf(item: Loose): Loose | undefined {
  return typeof item === 'object' && item !== null && !Array.isArray(item) ? item.from ?? item.id : undefined;
}
