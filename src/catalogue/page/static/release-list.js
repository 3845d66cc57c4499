/* global AbortController, AbortSignal, clearTimeout */
import {alarm, field, h, link, table, text} from './elements.js';
import {href, note} from './route.js';
import {count, time} from './values.js';

const PAGE = 50;
const COLUMNS = ['Release', 'Product', 'Version', 'Last change (UTC)', 'State'];

/** The view of `#/`: releases by name, found by how they begin and by product. */
export async function releaseList({query}, {api, signal, announce}) {
  const asked = {begin: query.begin ?? '', product: query.product ?? '', after: query.after};
  const place = h('div', {});
  let searching;
  let timer;
  const search = async () => {
    searching?.abort();
    const own = new AbortController();
    searching = own;
    try {
      const found = await find(api, asked, AbortSignal.any([signal, own.signal]));
      place.replaceChildren(...resultOf(found, asked));
      return found.releases.length;
    } catch (error) {
      if (own.signal.aborted || signal.aborted) return undefined;
      place.replaceChildren(alarm(error));
      return undefined;
    }
  };
  const typed = (name) => ({target}) => {
    asked[name] = target.value;
    asked.after = undefined;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      if (signal.aborted) return;
      note(asked);
      const found = await search();
      if (found !== undefined) announce(found === 0 ? 'No release found.' : `${found === PAGE ? 'At least ' : ''}${found} found.`);
    }, 200);
  };
  const form = h('form', {role: 'search', 'aria-label': 'Releases', class: 'fields', submit: (event) => { event.preventDefault(); }},
    field('Name begins with', {type: 'search', id: 'begin', value: asked.begin, maxlength: '240', input: typed('begin')}),
    field('Product', {type: 'search', id: 'product', value: asked.product, maxlength: '240', input: typed('product')}));
  // The first answer tells whether the view can be shown at all.
  place.replaceChildren(...resultOf(await find(api, asked, signal), asked));
  return {title: 'Releases', body: [form, place]};
}

async function find(api, {begin, product, after}, signal) {
  const start = after ?? (begin === '' ? undefined : lastBefore(begin));
  const {releases} = await api.get('/releases', {product, after: start, limit: PAGE + 1}, signal);
  const found = releases.filter(({name}) => name.startsWith(begin));
  return {releases: found.slice(0, PAGE), hasMore: found.length > PAGE};
}

/** A text that stands before all that begin so, by code point, and behind nearly all others: the server lists what is after it. */
export function lastBefore(begin) {
  const points = [...begin];
  const last = points.pop().codePointAt(0);
  const start = points.join('');
  // Control characters and halves of characters are in no name.
  if (last <= 0x20) return start;
  const lower = last > 0x7f && last <= 0xa0 ? 0x7e : last === 0xe000 ? 0xd7ff : last - 1;
  return `${start}${String.fromCodePoint(lower)}\u{10ffff}`;
}

function resultOf({releases, hasMore}, {begin, product, after}) {
  const isSearch = begin !== '' || product !== '';
  if (releases.length === 0) {
    return [h('p', {class: 'empty'}, isSearch ? 'No release is called so. Capital letters matter.' : 'There is no release yet.')];
  }
  const rows = releases.map((release) => [
    link(href(['release', release.name]), text(release.name)), text(release.product), count(release.version), time(release.time),
    release.readOnly ? 'read-only' : 'open',
  ]);
  const turns = [
    after === undefined ? undefined : link(href([], {begin, product}), 'First page'),
    hasMore ? link(href([], {begin, product, after: releases.at(-1).name}), 'Next page') : undefined,
  ].filter((turn) => turn !== undefined);
  const pages = turns.length === 0 ? [] : [h('nav', {class: 'pager', 'aria-label': 'Pages of releases'}, turns)];
  return [table('Releases', COLUMNS, rows), ...pages];
}
