import {h, pairs} from './elements.js';
import {count, time} from './values.js';

/** What became of the writes since the server was started, as the server counts them. */
export function figures(stats) {
  const {since, writes, changed, unchanged, replayed, merged, retried, conflicts, stale, refused, failed} = stats;
  const rate = writes === 0 ? 'no writes yet' : `${(conflicts / writes * 100).toLocaleString('en', {maximumFractionDigits: 2})} %`;
  const said = [
    [changed, 'changed something'], [unchanged, 'found everything there already'], [replayed, 'were repeats'],
    [stale, 'came for a version that had moved on'], [refused, 'were refused for another reason'], [failed, 'failed'],
    [retried, 'took more than one try'],
  ].filter(([number]) => number > 0).map(([number, what]) => `${what}: ${count(number)}`);
  return h('div', {},
    pairs([
      ['Writes', count(writes)], ['Merged', count(merged)], ['Conflicts', count(conflicts)], ['Conflict rate', rate],
    ], {class: 'tiles'}),
    h('p', {class: 'quiet'}, 'Since ', time(since), ' UTC, when this server was started. ',
      said.length === 0 ? '' : `Writes that ${said.join(', ')}.`));
}
