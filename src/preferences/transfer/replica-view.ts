import {createHash} from 'node:crypto';
import {canonicalJson} from '../../core/canonical-json.js';
import {misuse} from '../../core/options.js';
import type {CentralStore, GlobalChange, LocalChange, LocalStore} from '../store-contract.js';
import type {LayerName} from '../upkeep-contract.js';
import {PreferenceExport, type PreferenceExportOptions} from './preference-export.js';
import type {ReplicaReport} from './transfer-contract.js';

/** Rows in one transaction. */
const BATCH = 500;

/** A store that others may read: it has the public rows of another one, with pseudonyms for owners, and nothing else. */
export class ReplicaView {
  readonly #export: PreferenceExport;
  readonly #sources: readonly string[];

  /** @throws TypeError naming the option */
  constructor(options: PreferenceExportOptions) {
    this.#export = new PreferenceExport(options);
    this.#sources = [options.local.address, ...options.central === undefined ? [] : [options.central.address]];
  }

  /**
   * Makes the rows of a store those of an export; what differs is written, what isn't there any more is removed. It holds about
   * 20 bytes in memory for each row.
   *
   * @param replica A store of its own for this purpose.
   * @throws TypeError for one of the stores that are shown; CentralUnavailable, StoreFault
   */
  async refresh(replica: LocalStore & CentralStore): Promise<ReplicaReport> {
    if (replica.address !== ':memory:' && this.#sources.includes(replica.address)) {
      throw misuse('replica', replica.address, 'another store than those that it shows');
    }
    const seen = new Set<string>();
    const batch: {local: LocalChange[]; global: GlobalChange[]} = {local: [], global: []};
    let written = 0;
    for await (const {layer, scope = '', owner, setting, value, exception = false} of this.#export.rows()) {
      seen.add(shortOf(layer, scope, owner, setting));
      const text = value === undefined ? null : canonicalJson(value);
      if (layer === 'local') batch.local.push({scope, owner, setting, value: text, exception});
      else batch.global.push({owner, setting, value: text});
      if (batch.local.length + batch.global.length >= BATCH) written += await flush(replica, batch);
    }
    written += await flush(replica, batch);
    const removed = await sweep(replica, 'local', seen) + await sweep(replica, 'global', seen);
    return Object.freeze({rows: seen.size, written, removed});
  }
}

async function flush(replica: LocalStore & CentralStore, {local, global}: {local: LocalChange[]; global: GlobalChange[]}): Promise<number> {
  const rows = (local.length === 0 ? 0 : await replica.writeLocals(local.splice(0)))
    + (global.length === 0 ? 0 : await replica.writeGlobals(global.splice(0)));
  return rows;
}

/** Removes the rows that were not seen. */
async function sweep(replica: LocalStore & CentralStore, layer: LayerName, seen: ReadonlySet<string>): Promise<number> {
  let removed = 0;
  for (let after: string | undefined; ;) {
    const {rows, next} = await replica.upkeep.page(layer, after, BATCH);
    const gone = rows.filter(({scope = '', owner, setting}) => !seen.has(shortOf(layer, scope, owner, setting)));
    if (gone.length > 0) {
      removed += await (layer === 'local'
        ? replica.writeLocals(gone.map(({scope = '', owner, setting}) => ({scope, owner, setting, value: null, exception: false})))
        : replica.writeGlobals(gone.map(({owner, setting}) => ({owner, setting, value: null}))));
    }
    after = next;
    if (after === undefined) return removed;
  }
}

function shortOf(...key: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(key)).digest().subarray(0, 12).toString('latin1');
}
