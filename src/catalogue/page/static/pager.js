import {h} from './elements.js';
import {count} from './values.js';

/**
 * Shows a long list in pages, so that ten thousand rows cost no more than a hundred. Gives the element; `show(page)` turns.
 *
 * items: all of it; render: makes the element of some; turned: told of the page that is shown, from 1.
 */
export function paged({items, size, page, what, render, turned}) {
  const last = Math.max(1, Math.ceil(items.length / size));
  const place = h('div', {});
  const said = h('span', {role: 'status'});
  const turn = (label, step) => h('button', {type: 'button', click: () => show(current + step)}, label);
  const [before, after] = [turn('Previous', -1), turn('Next', 1)];
  let current = 1;
  const show = (wanted) => {
    current = Math.min(last, Math.max(1, wanted));
    const start = (current - 1) * size;
    place.replaceChildren(render(items.slice(start, start + size)));
    said.textContent = `${count(start + 1)}–${count(Math.min(items.length, start + size))} of ${count(items.length)} ${what}`;
    // Not `disabled`: that would take the focus from who turns pages with the keyboard.
    before.setAttribute('aria-disabled', String(current === 1));
    after.setAttribute('aria-disabled', String(current === last));
    turned?.(current);
  };
  show(Number.isSafeInteger(page) ? page : 1);
  if (last === 1) return place;
  return h('div', {}, place, h('nav', {class: 'pager', 'aria-label': `Pages of ${what}`}, before, said, after));
}
