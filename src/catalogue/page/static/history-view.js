import {releasePath} from './api.js';
import {alarm, field, h, link, plain, table, text} from './elements.js';
import {differences} from './differences.js';
import {trail} from './release-view.js';
import {go, href} from './route.js';
import {count, time} from './values.js';

const PAGE = 50;
const COLUMNS = ['Version', 'Time (UTC)', 'Who', 'What', 'Part', 'Difference'];

/** The view of a history, newest first, page by page; each row opens what it changed. */
export async function historyView({path: [, name], query}, page) {
  const {api, signal} = page;
  const {path, before} = query;
  const {changes} = await api.get(`${releasePath(name)}/history`, {path, before, limit: PAGE}, signal);
  const place = h('div', {}, changes.length === 0 ? h('p', {class: 'empty'}, 'No changes.')
    : table('Changes, the newest first', COLUMNS, changes.map((change) => rowOf(name, change))));
  place.addEventListener('click', ({target}) => {
    const button = target.closest('button[data-version]');
    if (button !== null) void toggle(button, name, page);
  });
  const only = path === undefined ? undefined : h('p', {class: 'note'}, 'Changes of ', text(path === '' ? 'the release itself' : path),
    ' only. ', link(href(['release', name, 'history']), 'Show all'));
  return {
    title: `History of ${plain(name)}`,
    heading: h('span', {}, 'History of ', link(href(['release', name]), text(name))),
    body: [
      trail(name, 'history'), only, jump(name, query), place, turns(name, query, changes),
    ],
  };
}

function rowOf(name, {releaseVersion, time: ms, actor, operation, path, removed}) {
  const part = path === '' ? h('span', {class: 'quiet'}, 'the release itself')
    : link(href(['release', name, 'history'], {path}), text(path));
  return [
    link(href(['release', name], {version: releaseVersion}), count(releaseVersion)), time(ms), text(actor),
    removed && operation !== 'remove' ? `${operation} (removed)` : operation, part,
    h('button', {type: 'button', class: 'small', 'data-version': String(releaseVersion), 'aria-expanded': 'false',
      'aria-label': `Show what version ${releaseVersion} changed`}, 'Show'),
  ];
}

/** Opens what a version changed in a row of its own below, or closes it. */
async function toggle(button, name, {api, signal, announce}) {
  const {version} = button.dataset;
  const line = button.closest('tr');
  const isOpen = button.getAttribute('aria-expanded') === 'true';
  button.setAttribute('aria-expanded', String(!isOpen));
  button.textContent = isOpen ? 'Show' : 'Hide';
  button.setAttribute('aria-label', `${isOpen ? 'Show' : 'Hide'} what version ${version} changed`);
  if (isOpen) {
    line.nextElementSibling.remove();
    return;
  }
  const cell = h('td', {role: 'cell', colspan: String(COLUMNS.length), class: 'opened'}, h('p', {}, 'Loading …'));
  line.after(h('tr', {role: 'row'}, cell));
  try {
    const {parts} = await api.get(`${releasePath(name)}/diff`, {from: Number(version) - 1, to: version}, signal);
    cell.replaceChildren(differences(parts, announce));
    announce(`What version ${version} changed is shown below its row.`);
  } catch (error) {
    if (!signal.aborted) cell.replaceChildren(alarm(error));
  }
}

/** The fields that lead far back, and to the difference of two versions. */
function jump(name, {path, before}) {
  const versionField = (label, value) => field(label, {type: 'number', min: '0', step: '1', inputmode: 'numeric', value});
  const valueOf = (label) => label.querySelector('input').value;
  const back = versionField('From version', before === undefined ? undefined : String(before - 1));
  const [from, to] = [versionField('Compare version'), versionField('with version')];
  const wentBack = (event) => {
    event.preventDefault();
    const version = valueOf(back);
    go(['release', name, 'history'], {path, before: version === '' ? undefined : Number(version) + 1});
  };
  const compared = (event) => {
    event.preventDefault();
    if (valueOf(from) !== '' && valueOf(to) !== '') go(['release', name, 'diff'], {from: valueOf(from), to: valueOf(to)});
  };
  return h('div', {class: 'beside'},
    h('form', {class: 'fields', submit: wentBack, 'aria-label': 'Go back'}, back, h('button', {type: 'submit'}, 'Go')),
    h('form', {class: 'fields', submit: compared, 'aria-label': 'Compare'}, from, to, h('button', {type: 'submit'}, 'Compare')));
}

/** Versions have no gap, so pages of a whole release can be counted in both directions. */
function turns(name, {path, before}, changes) {
  const to = (label, version) => link(href(['release', name, 'history'], {path, before: version}), label);
  const last = changes.at(-1)?.releaseVersion;
  const links = [
    ...before === undefined ? [] : [to('Newest'), ...path === undefined ? [to('Newer', Number(before) + PAGE)] : []],
    ...changes.length < PAGE || last <= 1 ? [] : [to('Older', last), ...path === undefined ? [to('Oldest', PAGE + 1)] : []],
  ];
  return links.length === 0 ? undefined : h('nav', {class: 'pager', 'aria-label': 'Pages of the history'}, links);
}
