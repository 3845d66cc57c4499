import {SystemClock} from '../../src/core/clock.js';
import {Preferences} from '../../src/preferences/preferences.js';
import {downloadRegistry} from '../../src/preferences/registry/download-registry.js';
import {openPreferenceStore} from '../../src/preferences/store/open-preference-store.js';

/** Run as another user: `read-only-child.ts LOCAL CENTRAL`. Prints what it saw as JSON. */
const [local = '', central = ''] = process.argv.slice(2);
const options = {clock: new SystemClock(), random: Math.random};
const preferences = new Preferences({registry: downloadRegistry(), local: openPreferenceStore(local, options),
  central: openPreferenceStore(central, options)});
const here = {owner: 'elmer', scope: 'registry.example'};

const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(() => 'done', (error: unknown) => (error as {code?: unknown}).code ?? String(error));

process.stdout.write(JSON.stringify([
  await preferences.get(here, 'timeout.read'), await codeOf(preferences.setLocal(here, 'timeout.read', 6)),
    await codeOf(preferences.setException(here, 'hosts')),
  await codeOf(preferences.resetLocal(here)), await codeOf(preferences.setGlobal('elmer', 'retry.count', 2, {except: ['a']})),
  await codeOf(preferences.setGlobal('elmer', 'retry.count', 2)), await preferences.get(here, 'retry.count'),
    await preferences.get(here, 'timeout.read'),
]));
await preferences.close();
