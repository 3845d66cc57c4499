import {h, table, text} from './elements.js';
import {paged} from './pager.js';
import {address, count, digest, json, size} from './values.js';

/** The lists of a document that hold facts, and the kind that is kept in each; `facts` says it item by item. */
const LISTS = {completes: 'complete', partials: 'partial', facts: undefined};
const SHOWN = new Set(['kind', 'key', 'from', 'digest', 'size', 'url']);
const COLUMNS = ['Fact', 'Kind', 'Size', 'Digest', 'Address', 'More'];

/** The facts of a part's document, and what else is in it. */
export function factsOf(document) {
  const facts = [];
  const rest = [];
  for (const [name, value] of Object.entries(document)) {
    const isList = Object.hasOwn(LISTS, name) && Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null);
    if (isList) facts.push(...value.map((item) => ({kind: LISTS[name] ?? item.kind ?? name, item})));
    else rest.push([name, value]);
  }
  return {facts, rest: Object.fromEntries(rest)};
}

/** `2 complete, 5 partial`. */
export function summary(document) {
  const kinds = new Map();
  for (const {kind} of factsOf(document).facts) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return kinds.size === 0 ? 'none' : [...kinds].map(([kind, number]) => `${count(number)} ${kind}`).join(', ');
}

/** A document for people: its facts as a table, the rest as JSON. */
export function documentView(document, announce, {page, turned} = {}) {
  const {facts, rest} = factsOf(document);
  const render = (some) => table('Facts', columnsOf(facts), some.map((fact) => rowOf(fact, columnsOf(facts), announce)));
  return h('div', {class: 'document'},
    facts.length === 0 ? h('p', {}, 'No facts.') : paged({items: facts, size: 100, page, what: 'facts', render, turned}),
    Object.keys(rest).length === 0 ? undefined
      : h('details', {open: facts.length === 0}, h('summary', {}, 'More of the document'), json(rest)));
}

/** What a fact is called: its key, or the version that it updates from. */
export function nameOf(item) {
  return String(item.key ?? item.from ?? '');
}

/** Columns that nothing stands in are left out. */
function columnsOf(facts) {
  const has = (test) => facts.some(({item}) => test(item));
  return COLUMNS.filter((name) => name === 'Address' ? has((item) => item.url !== undefined) : name !== 'More' || has(hasMore));
}

function rowOf({kind, item}, columns, announce) {
  const cells = {
    Fact: item.from === undefined ? text(nameOf(item)) : h('span', {}, 'from ', text(item.from)),
    Kind: h('span', {class: 'word'}, text(kind)), Size: size(item.size), Digest: digest(item.digest, nameOf(item), announce),
    Address: address(item.url), More: hasMore(item) ? json(moreOf(item)) : '',
  };
  return columns.map((name) => cells[name]);
}

function moreOf(item) {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !SHOWN.has(name)));
}

function hasMore(item) {
  return Object.keys(item).some((name) => !SHOWN.has(name));
}
