import {releasePath} from './api.js';
import {differences} from './differences.js';
import {h, link, plain, text} from './elements.js';
import {trail} from './release-view.js';
import {href} from './route.js';
import {count} from './values.js';

/** The view of what differs between two versions of a release. */
export async function diffView({path: [, name], query}, {api, signal, announce}) {
  const {from, to} = query;
  const {parts} = await api.get(`${releasePath(name)}/diff`, {from, to}, signal);
  const version = (number) => Number(number) === 0 ? 'nothing'
    : link(href(['release', name], {version: number}), `version ${count(number)}`);
  return {
    title: `${plain(name)}: version ${plain(from)} to ${plain(to)}`,
    heading: h('span', {}, 'Differences in ', link(href(['release', name]), text(name))),
    body: [trail(name), h('p', {}, 'From ', version(from), ' to ', version(to), '.'), differences(parts, announce)],
  };
}
