/*
 * npm run bench [-- small large memory waste outage segments streamer catalogue preferences] [--pairs N] [--files N] [--mebibytes N]
 *               [--waste-mebibytes N] [--outage-seconds N] [--items N] [--rows N] [--seed N]
 *
 * Beside peers: speed (small, large, memory, segments) as ratios within one run, since absolute figures say more about the
 * machine than about us; bytes fetched twice (waste); what a server sees of its own outage (outage); the streamer
 * beside nginx as a cache (streamer); many writers of one release beside the classic way (catalogue); a million global
 * settings beside the naive layout (preferences). Default: all parts.
 */
import {parseArgs} from 'node:util';
import type {BenchSettings} from './bench-settings.js';
import {catalogue} from './catalogue.js';
import {large, small} from './speed.js';
import {memory} from './memory.js';
import {outage} from './outage.js';
import {preferences} from './preferences.js';
import {segments} from './segments.js';
import {streamer} from './streamer.js';
import {waste} from './waste.js';

const PARTS: Readonly<Record<string, (settings: BenchSettings) => Promise<void>>> = {
  small, large, memory, waste, outage, segments, streamer, catalogue, preferences,
};

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    'pairs': {type: 'string', default: '5'}, 'files': {type: 'string', default: '10000'}, 'mebibytes': {type: 'string', default: '2048'},
    'waste-mebibytes': {type: 'string', default: '256'}, 'outage-seconds': {type: 'string', default: '30'},
    'items': {type: 'string', default: '1000'}, 'rows': {type: 'string', default: '1000000'}, 'seed': {type: 'string', default: '1'},
  },
});
const unknown = positionals.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) throw new RangeError(`expected parts out of ${Object.keys(PARTS).join(', ')}, got ${unknown.join(', ')}`);
const settings: BenchSettings = {
  pairs: Number(values.pairs), files: Number(values.files), mebibytes: Number(values.mebibytes), seed: Number(values.seed),
  wasteMebibytes: Number(values['waste-mebibytes']), outageSeconds: Number(values['outage-seconds']), items: Number(values.items),
  rows: Number(values.rows),
};
for (const [name, value] of Object.entries(settings)) {
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name}: expected a whole number of at least 1, got ${value}`);
}
for (const [name, part] of Object.entries(PARTS)) {
  if (positionals.length === 0 || positionals.includes(name)) await part(settings);
}
