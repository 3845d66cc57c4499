import {h, field, link, pairs, plain, table, text} from './elements.js';
import {summary} from './facts.js';
import {paged} from './pager.js';
import {releasePath} from './api.js';
import {go, href, momentOf, note} from './route.js';
import {count, counted, time} from './values.js';

const PAGE = 100;
const COLUMNS = ['Part', 'Facts', 'Version of the part', 'Last changed by'];

/** The view of a release, now or as it was: its head and its parts. */
export async function releaseView({path: [, name], query}, {api, signal, follow, reload}) {
  const moment = momentOf(query);
  // Read first, so that no change slips in between.
  const {last} = await api.get('/changes', {after: 'latest', limit: 1}, signal);
  const release = await api.get(releasePath(name), moment, signal);
  const isPast = Object.values(moment).some((value) => value !== undefined);
  const news = h('p', {class: 'news', role: 'status'});
  return {
    title: plain(name), heading: text(name),
    body: [
      trail(name, 'parts'), isPast ? pastNote(['release', name], release) : news, headOf(release), asOf(['release', name], query),
      h('h2', {}, 'Parts'), partsOf(release, query, isPast ? {version: release.version} : {}),
    ],
    start: isPast ? undefined : () => { follow(name, newsIn(news, release, reload), {after: last}); },
  };
}

/** The ways between the views of a release. */
export function trail(name, current) {
  const views = {parts: ['Parts', href(['release', name])], history: ['History', href(['release', name, 'history'])],
    live: ['Live changes', href(['activity'], {name})]};
  return h('nav', {class: 'trail', 'aria-label': 'This release'}, Object.entries(views).map(([view, [label, target]]) =>
    h('a', {href: target, 'aria-current': view === current ? 'page' : undefined}, label)));
}

/** Says that what is shown isn't what stands. */
export function pastNote(path, {version, time: ms}, query = {}) {
  return h('p', {class: 'note'}, `As it was at version ${count(version)}`, ...ms === undefined ? [] : [', ', time(ms)], '. ',
    link(href(path, query), 'Show it as it is now'));
}

/** The fields that ask for a moment. */
export function asOf(path, query, kept = {}) {
  const version = field('As of version', {type: 'number', min: '1', step: '1', inputmode: 'numeric', value: query.version});
  const at = field('or time (UTC)', {type: 'datetime-local', step: '1', value: query.at?.replace(/(?:\.999)?Z$/, '')});
  const asked = (event) => {
    event.preventDefault();
    const [wantedVersion, wantedTime] = [version, at].map((label) => label.querySelector('input').value);
    if (wantedVersion !== '') go(path, {...kept, version: wantedVersion});
    else go(path, {...kept, at: endOf(wantedTime)});
  };
  // The later of two answers holds: who fills one field means that one.
  version.addEventListener('input', () => { at.querySelector('input').value = ''; });
  at.addEventListener('input', () => { version.querySelector('input').value = ''; });
  return h('form', {class: 'fields', submit: asked, 'aria-label': 'As it was at'}, version, at, h('button', {type: 'submit'}, 'Show'));
}

/** The end of a second or minute, as people know no milliseconds: what was made in it counts. */
function endOf(wanted) {
  if (wanted === '') return undefined;
  return `${wanted}${wanted.length === 16 ? ':59' : ''}${wanted.includes('.') ? '' : '.999'}Z`;
}

function headOf({product, schema, hashFunction, readOnly, version, time: ms, parts}) {
  return pairs([
    ['Product', text(product)], ['Version', count(version)], ['Last change (UTC)', time(ms)], ['Parts', count(parts.length)],
    ['State', readOnly ? 'read-only' : 'open'], ['Schema', String(schema)], ['Hash function', text(hashFunction)],
  ], {class: 'head'});
}

function partsOf({name, parts}, query, moment) {
  if (parts.length === 0) return h('p', {class: 'empty'}, 'It has no parts.');
  const place = h('div', {});
  const rowOf = ({path, version, releaseVersion, document}) => [
    link(href(['release', name, 'part'], {path, ...moment}), text(path)), summary(document), count(version),
    link(href(['release', name, 'diff'], {from: releaseVersion - 1, to: releaseVersion}), `version ${count(releaseVersion)}`),
  ];
  const show = (part, page) => {
    const found = part === '' ? parts : parts.filter(({path}) => path.includes(part));
    place.replaceChildren(found.length === 0 ? h('p', {class: 'empty'}, 'No part is called so.') : paged({
      items: found, size: PAGE, page, what: 'parts', render: (some) => table('Parts', COLUMNS, some.map(rowOf)),
      turned: (shown) => { if (shown !== page) note({page: shown === 1 ? undefined : shown}); },
    }));
  };
  show(query.part ?? '', Number(query.page ?? 1));
  if (parts.length <= 10) return place;
  const filter = field('Path contains', {type: 'search', value: query.part, input: ({target}) => {
    note({part: target.value, page: undefined});
    show(target.value, 1);
  }});
  const stay = (event) => { event.preventDefault(); };
  return h('div', {}, h('form', {class: 'fields', role: 'search', 'aria-label': 'Parts', submit: stay}, filter), place);
}

/** Nothing moves under the reader: that there is more is only said. */
function newsIn(place, {version}, reload) {
  let newer = 0;
  return (change) => {
    if (change.releaseVersion <= version) return;
    newer++;
    place.replaceChildren(`Changed since: ${counted(newer, 'change')}, the last by `, text(change.actor), '. ',
      h('button', {type: 'button', class: 'small', click: reload}, 'Show'));
  };
}
