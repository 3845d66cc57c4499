/* global document, getSelection, navigator */
import {h, plain, spoken, text} from './elements.js';

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const SHORT = 12;
const LONGEST = 2000;

/** 10000 as 10,000. */
export function count(number) {
  return Number(number).toLocaleString('en');
}

/** `1 part`, `2 parts`. */
export function counted(number, word) {
  return `${count(number)} ${word}${number === 1 ? '' : 's'}`;
}

/** A moment in UTC, so that people in several countries read the same. */
export function time(ms) {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return h('span', {}, String(ms));
  const iso = date.toISOString();
  return h('time', {datetime: iso, title: `${iso} (UTC)`}, iso.slice(0, -5).replace('T', ' '));
}

/** A number of bytes in the unit that people use; exactly in the title, and for those who hear it. */
export function size(bytes) {
  if (!Number.isFinite(bytes)) return json(bytes);
  const at = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const exact = counted(bytes, 'byte');
  if (at === 0) return h('data', {value: String(bytes), title: exact}, exact);
  const shown = `${(bytes / 1024 ** at).toFixed(1)} ${UNITS[at]}`;
  return h('data', {value: String(bytes), title: exact}, shown, spoken(`, exactly ${exact}`));
}

/** The beginning of a digest, and a button that copies all of it. */
export function digest(value, what, announce) {
  if (typeof value !== 'string') return json(value);
  const code = h('code', {title: plain(value)}, text(value.length > SHORT ? `${value.slice(0, SHORT)}…` : value));
  const label = h('span', {}, 'Copy');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      label.textContent = 'Copied';
      announce('The digest was copied.');
    } catch {
      // No clipboard without HTTPS: it is shown whole and marked, so that it is one key away.
      code.replaceChildren(text(value));
      code.classList.add('whole');
      getSelection().selectAllChildren(code);
      announce('The digest is marked; copy it with your keyboard.');
    }
  };
  const button = h('button', {type: 'button', class: 'small', click: copy}, label, spoken(` the digest of ${plain(what)}`));
  return h('span', {class: 'digest'}, code, button);
}

/** An address: a link when it is one of the web, else its text. */
export function address(value) {
  if (typeof value !== 'string') return value === undefined ? h('span', {}, '') : json(value);
  const isWeb = URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
  return isWeb ? h('a', {href: value, rel: 'noreferrer noopener'}, text(value)) : text(value);
}

/** Any JSON, readable; a long one is opened on demand. */
export function json(value) {
  const whole = typeof value === 'object' && value !== null ? JSON.stringify(value, undefined, 2) : JSON.stringify(value) ?? '';
  const code = h('code', {class: 'json'}, text(whole.length > LONGEST ? whole.slice(0, LONGEST) : whole));
  if (whole.length <= LONGEST) return code;
  const more = h('button', {type: 'button', class: 'small', click: () => {
    code.replaceChildren(text(whole));
    more.remove();
    code.tabIndex = -1;
    code.focus();
  }}, `Show all ${count(whole.length)} characters`);
  const fragment = document.createDocumentFragment();
  fragment.append(code, more);
  return fragment;
}
