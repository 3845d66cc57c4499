/* global document */

/** Characters that are not seen, or that turn the order of others around: shown by their numbers. Lines of JSON may end. */
const ODD = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/u;

/**
 * Makes an element. Functions among the attributes are listeners; false and undefined ones are left out. Texts become text
 * nodes: nothing in them is ever read as HTML.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined));
  return element;
}

/** A name or another text of the catalogue: set apart from what stands around it, whichever way it is written. */
export function text(value) {
  return h('bdi', {}, pieces(value));
}

/** The same where no element can stand: titles and labels. */
export function plain(value) {
  return [...String(value)].map((character) => ODD.test(character) ? `[${numberOf(character)}]` : character).join('');
}

/** Only for people who hear the page. */
export function spoken(value) {
  return h('span', {class: 'spoken'}, value);
}

/** A link to a view or, when the catalogue says so, to elsewhere. */
export function link(target, ...children) {
  return h('a', {href: target}, ...children);
}

/**
 * A table. Each row is a list of cells, the first names it. On narrow screens rows become cards, which would take their
 * roles away from the elements; so they are said again.
 */
export function table(caption, columns, rows) {
  const head = h('tr', {role: 'row'}, columns.map((name) => h('th', {role: 'columnheader', scope: 'col'}, name)));
  const body = h('tbody', {role: 'rowgroup'}, rows.map((cells) => row(columns, cells)));
  return h('table', {role: 'table'}, h('caption', {}, caption), h('thead', {role: 'rowgroup'}, head), body);
}

/** One row of such a table. */
export function row(columns, cells) {
  return h('tr', {role: 'row'}, cells.map((cell, at) => at === 0
    ? h('th', {role: 'rowheader', scope: 'row', 'data-label': columns[at]}, cell)
    : h('td', {role: 'cell', 'data-label': columns[at]}, cell)));
}

/** Names and what they stand for. */
export function pairs(entries, attributes = {}) {
  return h('dl', attributes, entries.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}

/** A labelled field; the label stands above it. */
export function field(label, attributes) {
  return h('label', {}, h('span', {}, label), h('input', {autocomplete: 'off', spellcheck: 'false', ...attributes}));
}

/** What went wrong, said at once. */
export function alarm(refusal) {
  const {title, message} = refusal;
  return h('div', {role: 'alert', class: 'problem'}, h('p', {}, h('strong', {}, title ?? 'That didn’t work.')),
    message === title ? undefined : h('p', {}, text(message)));
}

function pieces(value) {
  const parts = [];
  let run = '';
  for (const character of String(value)) {
    if (!ODD.test(character)) {
      run += character;
      continue;
    }
    parts.push(run, h('span', {class: 'odd', title: 'a character that is not seen'}, numberOf(character)));
    run = '';
  }
  return [...parts, run];
}

function numberOf(character) {
  return `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}
