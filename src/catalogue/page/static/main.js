/* global AbortController, clearTimeout, document, location */
import {activityView} from './activity-view.js';
import {Api, Refusal} from './api.js';
import {followChanges} from './change-stream.js';
import {diffView} from './diff-view.js';
import {alarm, h, link, plain} from './elements.js';
import {historyView} from './history-view.js';
import {partView} from './part-view.js';
import {releaseList} from './release-list.js';
import {releaseView} from './release-view.js';
import {href, readRoute} from './route.js';

/** A view resolves to `{title, heading?, body, start?}`; `start` is called when it is shown. */
const RELEASE_VIEWS = {part: partView, history: historyView, diff: diffView};
const SLOW = 300;
const LOADING = 'Loading …';

const api = new Api();
const main = document.querySelector('#main');
const status = document.querySelector('#status');
let running = new AbortController();
let isFirst = true;

function viewOf({path: [page, name, view, ...rest]}) {
  if (page === undefined) return releaseList;
  if (page === 'activity' && name === undefined) return activityView;
  if (page !== 'release' || name === undefined || rest.length > 0) return undefined;
  return view === undefined ? releaseView : Object.hasOwn(RELEASE_VIEWS, view) ? RELEASE_VIEWS[view] : undefined;
}

async function render() {
  running.abort();
  running = new AbortController();
  const {signal} = running;
  const route = readRoute(location.hash);
  const view = route === undefined ? undefined : viewOf(route);
  const current = route?.path[0] === 'activity' ? 'activity' : 'releases';
  for (const anchor of document.querySelectorAll('header nav a')) {
    if (anchor.dataset.page === current) anchor.setAttribute('aria-current', 'page');
    else anchor.removeAttribute('aria-current');
  }
  main.setAttribute('aria-busy', 'true');
  const slow = setTimeout(() => { announce(LOADING); }, SLOW);
  try {
    if (view === undefined) throw new Refusal(404, {title: 'There is no such page here.'});
    const shown = await view(route, {api, signal, announce, follow: follow(signal), reload: () => void render()});
    if (signal.aborted) return;
    show(shown.title, shown.heading ?? shown.title, shown.body);
    shown.start?.();
  } catch (error) {
    if (!signal.aborted) refuse(error, route);
    if (!signal.aborted && !(error instanceof Refusal)) throw error;
  } finally {
    clearTimeout(slow);
    if (!signal.aborted) main.removeAttribute('aria-busy');
  }
}

function show(title, heading, body) {
  document.title = title === 'Releases' ? 'Release catalogue' : `${title} – Release catalogue`;
  const top = h('h1', {tabindex: '-1'}, heading);
  if (status.textContent === LOADING) announce('');
  main.replaceChildren(top, ...body.filter((node) => node !== undefined));
  // Who hears the page is told that it is another one, and goes on from there.
  if (!isFirst) top.focus();
  isFirst = false;
}

function refuse(error, route) {
  const again = h('button', {type: 'button', click: () => void render()}, 'Try again');
  const [page, name] = route?.path ?? [];
  const wasThere = error.code === 'UNKNOWN_RELEASE' && page === 'release';
  const history = wasThere ? h('p', {}, 'If it was removed, it still has ',
    link(href(['release', name, 'history']), 'its history'), '.') : undefined;
  show('That can’t be shown', 'That can’t be shown', [alarm(error), history, error.status === 404 ? undefined : again]);
  if (error.status !== 401 && error.status !== 403) return;
  document.querySelector('#access').open = true;
  document.querySelector('#token').focus();
}

/** Follows the feed for a view, until it is left. */
function follow(signal) {
  return (name, onChange, {after = 'latest', onState, refused = () => undefined} = {}) => {
    followChanges(api, {name, after, signal, onChange, onState}).catch(refused);
  };
}

/** Says something to who hears the page. */
function announce(words) {
  status.textContent = plain(words);
}

function showToken() {
  document.querySelector('#token-state').textContent = api.token === '' ? 'none' : 'in use';
}

function useToken(token) {
  api.token = token;
  const field = document.querySelector('#token');
  field.value = '';
  document.querySelector('#access').open = false;
  showToken();
  announce(token === '' ? 'The token is forgotten.' : 'The token is used from now on.');
  void render();
}

document.querySelector('#token-form').addEventListener('submit', (event) => {
  event.preventDefault();
  useToken(document.querySelector('#token').value.trim());
});
document.querySelector('#forget').addEventListener('click', () => { useToken(''); });
// The target of the link is an element, not a view.
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
globalThis.addEventListener('hashchange', () => void render());
showToken();
void render();
