/* global clearInterval, document, setInterval */
import {alarm, h, link, row, table, text} from './elements.js';
import {figures} from './figures.js';
import {href} from './route.js';
import {count, counted, time} from './values.js';

const SHOWN = 100;
/** Ms between two renderings, announcements and looks at the figures: nobody reads faster, and a machine would choke. */
const [RENDER, SAY, LOOK] = [250, 5000, 5000];
const COLUMNS = ['Change', 'Time (UTC)', 'Release', 'Part', 'What', 'Who', 'Version'];
const STATES = {
  connecting: 'Connecting …', connected: 'Connected: changes appear as they are made.', hidden: 'Not followed while the tab is hidden.',
  lost: 'The connection is lost; it is tried again.',
};

/** The view of what happens: the changes as they are made, and how often writers got into each other's way. */
export async function activityView({query: {name}}, {api, signal, announce, follow}) {
  const {last} = await api.get('/changes', {after: 'latest', limit: 1}, signal);
  const counts = h('div', {}, figures(await api.get('/stats', {}, signal)));
  const state = h('p', {class: 'quiet', id: 'stream-state'}, STATES.connecting);
  const list = new ChangeList(announce);
  const of = name === undefined ? [] : [h('p', {class: 'note'}, 'Changes of ', link(href(['release', name]), text(name)), ' only. ',
    link(href(['activity']), 'Show all'))];
  const look = async () => {
    if (document.hidden) return;
    try {
      counts.replaceChildren(figures(await api.get('/stats', {}, signal)));
    } catch {
      // The stream's state says what is wrong.
    }
  };
  return {
    title: 'Activity',
    body: [h('h2', {}, 'Conflict rate'), counts, h('h2', {}, 'Live changes'), ...of, state, list.button, list.element],
    start: () => {
      const timers = [setInterval(() => { list.render(); }, RENDER), setInterval(() => { list.say(); }, SAY), setInterval(look, LOOK)];
      signal.addEventListener('abort', () => { timers.forEach(clearInterval); }, {once: true});
      const onState = (now) => { state.textContent = STATES[now]; };
      follow(name, (change) => { list.add(change, change.seq > last); }, {
        after: Math.max(0, last - SHOWN), onState, refused: (error) => { state.replaceChildren(alarm(error)); },
      });
    },
  };
}

/** The newest changes, the newest first; can be held still. */
class ChangeList {
  button = h('button', {type: 'button', 'aria-pressed': 'false', click: () => { this.#pause(); }}, 'Pause');
  element;
  #body;
  #announce;
  #paused = false;
  #waiting = [];
  #missed = 0;
  #unsaid = 0;
  #last;

  constructor(announce) {
    this.#announce = announce;
    this.element = table('Changes, the newest first', COLUMNS, []);
    this.#body = this.element.querySelector('tbody');
  }

  /** isNew: made while the view was open, so worth saying. */
  add(change, isNew) {
    this.#waiting.push(change);
    if (this.#waiting.length > SHOWN) this.#waiting.shift();
    if (this.#paused) this.#missed++;
    if (!isNew) return;
    this.#unsaid++;
    this.#last = change;
  }

  render() {
    if (this.#paused) this.button.textContent = this.#missed === 0 ? 'Paused' : `Paused: ${counted(this.#missed, 'change')} waiting`;
    if (this.#paused || this.#waiting.length === 0) return;
    const rows = this.#waiting.splice(0).map((change) => row(COLUMNS, cellsOf(change))).reverse();
    this.#body.prepend(...rows);
    while (this.#body.childElementCount > SHOWN) this.#body.lastElementChild.remove();
  }

  /** One sentence for many changes: who hears the page is not flooded. */
  say() {
    if (this.#unsaid === 0 || this.#paused) return;
    const {name, path, actor} = this.#last;
    this.#announce(`${counted(this.#unsaid, 'new change')}; the last: ${name} ${path}, by ${actor}.`);
    this.#unsaid = 0;
  }

  #pause() {
    this.#paused = !this.#paused;
    this.#missed = 0;
    this.button.setAttribute('aria-pressed', String(this.#paused));
    this.button.textContent = this.#paused ? 'Paused' : 'Pause';
    this.render();
  }
}

function cellsOf({seq, time: ms, name, path, operation, actor, releaseVersion, removed}) {
  // What was removed can't be shown; its history can.
  const part = removed ? href(['release', name, 'history'], {path}) : href(['release', name, 'part'], {path, version: releaseVersion});
  return [
    count(seq), time(ms), link(href(['release', name]), text(name)),
    path === '' ? h('span', {class: 'quiet'}, 'the release itself') : link(part, text(path)),
    operation, text(actor),
    link(href(['release', name, 'diff'], {from: releaseVersion - 1, to: releaseVersion}), `version ${count(releaseVersion)}`),
  ];
}
