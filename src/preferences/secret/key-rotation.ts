import {misuse, onlyKeys, wholeNumber} from '../../core/options.js';
import {bindingOf} from '../cleanup/kept-values.js';
import type {CentralStore, GlobalRow, LocalStore, PreferenceStore} from '../store-contract.js';
import type {StoredText, TextChange, TextPlace} from '../upkeep-contract.js';
import {Resealing} from './resealing.js';
import type {RotatingSecretBox, RotationReport} from './rotation-contract.js';

/** What is sealed anew. The stores stay open. */
export interface KeyRotationOptions {
  readonly local: LocalStore;
  /** @default `local`, if it is a CentralStore too */
  readonly central?: CentralStore | undefined;
  /** Has the old keys and the new one, which is its current one. */
  readonly box: RotatingSecretBox;
  /** Rows a batch, and a transaction. @default 500 */
  readonly batch?: number | undefined;
}

/** How often all is looked through again, when others write envelopes meanwhile. */
const PASSES = 3;

/**
 * Seals every envelope of the stores with the current key: values of any setting, declared or not, snapshots of global values, and
 * what the log of cleanups keeps. No revision changes, since the secrets stay the same.
 *
 * Each batch is one transaction that changes an envelope only if it is still the one that was opened; so it may be killed at any
 * moment and run again, and a save that comes meanwhile wins. Until it is done, every process needs the old key and the new one.
 */
export class KeyRotation {
  readonly #local: LocalStore;
  readonly #central: CentralStore;
  readonly #box: RotatingSecretBox;
  readonly #batch: number;

  /** @throws TypeError, RangeError naming the option */
  constructor(options: KeyRotationOptions) {
    onlyKeys('keyRotation', options, ['local', 'central', 'box', 'batch']);
    this.#local = options.local;
    this.#central = options.central ?? options.local as unknown as CentralStore;
    if (typeof this.#central.globals !== 'function') throw misuse('keyRotation.central', this.#central, 'a CentralStore');
    this.#box = options.box;
    if (typeof this.#box.isCurrent !== 'function') throw new TypeError('keyRotation.box: expected a box with isCurrent, got another one');
    this.#batch = wholeNumber('keyRotation.batch', options.batch ?? 500, 1);
  }

  /** @throws LocalReadOnly, CentralReadOnly, CentralUnavailable, StoreFault; what was sealed anew before stays so */
  async run(signal?: AbortSignal): Promise<RotationReport> {
    let rotated = 0;
    for (let pass = 1; ; pass++) {
      const sealing = new Resealing(this.#box);
      let overtaken = 0;
      for (const [place, store] of this.#places()) {
        const sum = await this.#rotate(place, store, sealing, signal);
        rotated += sum.done;
        overtaken += sum.overtaken;
      }
      const isStopped = signal?.aborted === true;
      if (overtaken > 0 && pass < PASSES && !isStopped) continue;
      const {current, failed, failures} = sealing;
      return Object.freeze({rotated, current, failed, failures: Object.freeze(failures), done: !isStopped && overtaken === 0});
    }
  }

  /** Global values first: a snapshot that is made of them meanwhile has the new envelopes then. */
  #places(): (readonly [TextPlace, PreferenceStore])[] {
    const [local, central] = [this.#local, this.#central];
    const isOne = (central as unknown) === local;
    return [['global', central], ['local', local], ['snapshot', local], ['log', local], ...isOne ? [] : [['log', central] as const]];
  }

  async #rotate(place: TextPlace, store: PreferenceStore, sealing: Resealing, signal: AbortSignal | undefined):
  Promise<{done: number; overtaken: number}> {
    const sum = {done: 0, overtaken: 0};
    const identity = await (place === 'snapshot' ? this.#central : store).identity();
    for (let after: string | undefined; signal?.aborted !== true;) {
      const {texts, next} = await store.upkeep.texts(place, after, this.#batch);
      const changes: TextChange[] = [];
      for (const text of texts) {
        const to = await resealed(place, text, identity, sealing);
        if (to !== text.text) changes.push({key: text.key, from: text.text, to});
      }
      const done = changes.length === 0 ? 0 : await store.upkeep.replaceTexts(place, changes);
      sum.done += done;
      sum.overtaken += changes.length - done;
      after = next;
      if (after === undefined) break;
    }
    return sum;
  }
}

async function resealed(place: TextPlace, {scope, owner, setting, text}: StoredText, store: string, sealing: Resealing): Promise<string> {
  if (place === 'log') return sealing.envelope(text, bindingOf(store, {scope, owner, setting: setting ?? ''}));
  if (setting !== undefined) return sealing.value(text, {store, scope, owner, setting});
  if (!text.includes('sealed')) return text;
  const rows: GlobalRow[] = [];
  for (const row of JSON.parse(text) as GlobalRow[]) {
    rows.push({...row, value: await sealing.value(row.value, {store, scope: undefined, owner, setting: row.setting})});
  }
  // In the same order of fields, so that it can be compared with what the central store says.
  return JSON.stringify(rows);
}
