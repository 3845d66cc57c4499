import {h, plain, spoken, text} from './elements.js';
import {documentView, factsOf, nameOf} from './facts.js';
import {paged} from './pager.js';
import {address, digest, json, size} from './values.js';

const PARTS = 25;
const CHANGES = 100;
const LISTS = {completes: 'complete', partials: 'partial from', facts: 'fact'};

/** What differs, part by part, in words and not only in colours. */
export function differences(parts, announce) {
  if (parts.length === 0) return h('p', {class: 'empty'}, 'Nothing differs.');
  const render = (some) => h('div', {}, some.map((part) => partOf(part, announce)));
  return paged({items: parts, size: PARTS, page: 1, what: 'parts', render});
}

function partOf({path, changes}, announce) {
  const render = (some) => h('ul', {class: 'changes'}, some.map((change) => h('li', {class: change.change}, changeOf(change, announce))));
  return h('section', {class: 'part', 'aria-label': path === '' ? 'The release itself' : plain(path)},
    h('h3', {}, path === '' ? 'The release itself' : text(path)),
    paged({items: changes, size: CHANGES, page: 1, what: 'changes', render}));
}

function changeOf({path, change, before, after}, announce) {
  const tokens = path === '' ? [] : path.slice(1).split('/').map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  const head = [h('span', {class: 'mark'}, change), ' ', placeOf(tokens)];
  if (change !== 'changed') return [...head, ' ', valueOf(tokens, after ?? before, announce)];
  return [...head, h('div', {class: 'was'}, spoken('It was '), h('del', {}, valueOf(tokens, before, announce))),
    h('div', {class: 'now'}, spoken('It is now '), h('ins', {}, valueOf(tokens, after, announce)))];
}

/** `/partials/r1/size` is: partial from r1, size. */
function placeOf(tokens) {
  if (tokens.length === 0) return 'all of it';
  const [list, name, ...rest] = tokens;
  if (!Object.hasOwn(LISTS, list) || name === undefined) return text(tokens.join(' › '));
  return h('span', {}, `${LISTS[list]} `, text(name), ...rest.length === 0 ? [] : [', ', text(rest.join(' › '))]);
}

function valueOf(tokens, value, announce) {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const last = tokens.at(-1);
  if (tokens.length === 0 && isObject) return factsOf(value).facts.length > 0 ? documentView(value, announce) : h('div', {}, json(value));
  if (isObject && 'digest' in value) return factOf(value, announce);
  if (tokens.length === 3 && last === 'size') return size(value);
  if (tokens.length === 3 && last === 'digest') return digest(value, tokens[1], announce);
  return json(value);
}

/** A fact in one line. */
function factOf({size: bytes, digest: hex, url, key, from, ...more}, announce) {
  return h('span', {class: 'fact'},
    bytes === undefined ? undefined : size(bytes), digest(hex, nameOf({key, from}), announce),
    url === undefined ? undefined : address(url), Object.keys(more).length === 0 ? undefined : json(more));
}
