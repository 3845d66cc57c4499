import {expect} from 'chai';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {dirname, join} from 'node:path';
import {createInterface} from 'node:readline';
import {setTimeout as sleep} from 'node:timers/promises';
import {SystemClock} from '../../../src/core/clock.js';
import type {Secret} from '../../../src/core/secret.js';
import {Preferences} from '../../../src/preferences/preferences.js';
import {downloadRegistry} from '../../../src/preferences/registry/download-registry.js';
import {AesSecretBox} from '../../../src/preferences/secret/aes-secret-box.js';
import {openPreferenceStore} from '../../../src/preferences/store/open-preference-store.js';
import {sharedCommand} from '../../chaos/built-command.js';
import {SeededRandom} from '../../support/seeded-random.js';

const ORIGIN = 'https://registry.example';
const SCOPE = 'registry.example';
const KEYS = {a: Buffer.alloc(32, 7), b: Buffer.alloc(32, 8)};

/** What the kills came to. */
export interface RotationKills {
  /** Children that were killed while they sealed. */
  readonly killed: number;
  /** After how many of them some envelopes had the old key and some the new one. */
  readonly halfway: number;
}

/** How often, and how much there is to seal. */
export interface RotationKillsOptions {
  readonly kills: number;
  readonly owners: number;
  readonly seed: number;
}

/** Kills rotations of one file again and again, and looks at all secrets after each; the last one is left to end. */
export async function killRotations(file: string, {kills, owners: count, seed}: RotationKillsOptions): Promise<RotationKills> {
  const random = new SeededRandom(seed);
  const owners = Array.from({length: count}, (_, at) => `owner${at}`);
  await fill(file, owners);
  let [killed, halfway] = [0, 0];
  for (let n = 0; n < kills; n++) {
    if (!await rotate(file, random.next() * count * 0.8)) {
      // It was through: all is sealed with the old key again.
      await fill(file, owners);
      continue;
    }
    killed++;
    const share = await shareOfNew(file, owners);
    if (share > 0 && share < 1) halfway++;
  }
  expect(await rotate(file, undefined)).to.equal(false);
  expect(await shareOfNew(file, owners)).to.equal(1);
  return {killed, halfway};
}

/** Whether it was killed. @param delay Ms after it began. */
async function rotate(file: string, delay: number | undefined): Promise<boolean> {
  const dist = dirname(dirname(sharedCommand()));
  const child = spawn(process.execPath, [join(import.meta.dirname, 'rotation-child.mjs'), dist, file], {stdio: ['ignore', 'pipe', 'inherit']});
  const lines: string[] = [];
  const ended = once(child, 'close');
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line !== 'begun' || delay === undefined) continue;
    await sleep(delay);
    child.kill('SIGKILL');
  }
  await ended;
  if (child.signalCode === 'SIGKILL') return !lines.some((line) => line.startsWith('done'));
  expect(child.exitCode, lines.join('\n')).to.equal(0);
  expect(lines.at(-1)).to.match(/^done .*"failed":0.*"done":true/);
  return false;
}

async function open<T>(file: string, current: 'a' | 'b', work: (preferences: Preferences) => Promise<T>): Promise<T> {
  const local = openPreferenceStore(file, {clock: new SystemClock(), random: Math.random});
  const preferences = new Preferences({registry: downloadRegistry(), local, secrets: {box: new AesSecretBox({keys: KEYS, current})}});
  try {
    return await work(preferences);
  } finally {
    await preferences.close();
  }
}

async function fill(file: string, owners: readonly string[]): Promise<void> {
  await open(file, 'a', async (preferences) => {
    for (const owner of owners) {
      // Other ones first, since the same secret would keep its envelope.
      await preferences.resetLocal({owner, scope: SCOPE});
      await preferences.removeAllGlobals(owner);
      await preferences.setLocal({owner, scope: SCOPE}, 'auth.password', `local ${owner}`);
      await preferences.setGlobal(owner, 'auth.token', `global ${owner}`, {origin: ORIGIN});
    }
  });
}

/** How many of the envelopes have the new key. Each has to open and to hold what it did. */
async function shareOfNew(file: string, owners: readonly string[]): Promise<number> {
  return open(file, 'b', async (preferences) => {
    for (const owner of owners) {
      const place = {owner, scope: SCOPE};
      const [local, global] = [await preferences.secret(place, 'auth.password', ORIGIN), await preferences.secret(place, 'auth.token', ORIGIN)];
      expect([(local as Secret).reveal(), (global as Secret).reveal()]).to.deep.equal([`local ${owner}`, `global ${owner}`]);
    }
    const store = openPreferenceStore(file, {clock: new SystemClock(), random: Math.random});
    const {texts} = await store.upkeep.texts('local', undefined, 1000);
    const globals = await store.upkeep.texts('global', undefined, 1000);
    await store.close();
    const all = [...texts, ...globals.texts];
    return all.filter(({text}) => text.includes('"1.b.')).length / all.length;
  });
}
