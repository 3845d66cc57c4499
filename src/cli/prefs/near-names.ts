import type {Registry} from '../../preferences/registry/registry.js';

/** At most so many are offered. */
const MOST = 3;
/** Letters of a name that are looked at. */
const LONGEST = 64;

/** What somebody may have meant by the name of no setting: `; did you mean timeout.read?`. Empty: nothing is like it. */
export function hintFor(name: string, {settings, groups}: Registry): string {
  const members = groups.get(name);
  if (members !== undefined) {
    return `; it is a group: name one of ${members.map((setting) => setting.name).join(', ')} (or jupiter prefs inspect ${name})`;
  }
  const names = [...settings.filter(({hidden}) => !hidden).map((setting) => setting.name), ...groups.keys()];
  const near = names.map((other) => ({other, distance: distanceOf(name.slice(0, LONGEST).toLowerCase(), other)}))
    .filter(({other, distance}) => distance <= Math.max(1, Math.floor(Math.min(name.length, other.length) / 3)))
    .sort((one, two) => one.distance - two.distance).slice(0, MOST);
  return near.length === 0 ? '; jupiter prefs list --all shows them all' : `; did you mean ${near.map(({other}) => other).join(' or ')}?`;
}

/** How far apart two names are: 0 for a part of the other between its dots, else the letters to be changed (Levenshtein). */
function distanceOf(one: string, two: string): number {
  if (two.split('.').includes(one)) return 0;
  let row = Array.from({length: two.length + 1}, (_, at) => at);
  for (let above = 1; above <= one.length; above++) {
    const next = [above];
    for (let at = 1; at <= two.length; at++) {
      const changed = (row[at - 1] ?? 0) + (one[above - 1] === two[at - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[two.length] ?? 0;
}
