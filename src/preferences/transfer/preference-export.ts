import type {Json} from '../../core/json.js';
import {misuse, onlyKeys} from '../../core/options.js';
import type {Registry} from '../registry/registry.js';
import {holdsCredentials} from '../registry/url-credentials.js';
import type {CentralStore, LocalStore} from '../store-contract.js';
import type {LayerName, UpkeepRow} from '../upkeep-contract.js';
import {OwnerPseudonyms} from './owner-pseudonyms.js';
import type {ExportHeader, PublicRow} from './transfer-contract.js';

/** What is exported, and under which pseudonyms. The stores stay open. */
export interface PreferenceExportOptions {
  readonly registry: Registry;
  readonly local: LocalStore;
  /** @default `local`, if it is a CentralStore too */
  readonly central?: CentralStore | undefined;
  /** The key of the owners' pseudonyms, 32 bytes at least. */
  readonly key: Uint8Array;
}

/** Rows a query. */
const BATCH = 500;

/**
 * What may leave the house. A row does only when its setting is declared public and is not hidden, and its value only when the
 * setting takes it now: whatever else is stored, or was, is left out. Owners are pseudonyms.
 */
export class PreferenceExport {
  readonly #registry: Registry;
  readonly #stores: Readonly<Record<LayerName, LocalStore | CentralStore>>;
  readonly #pseudonyms: OwnerPseudonyms;

  /** @throws TypeError naming the option */
  constructor(options: PreferenceExportOptions) {
    onlyKeys('preferenceExport', options, ['registry', 'local', 'central', 'key']);
    const central = options.central ?? options.local as unknown as CentralStore;
    if (typeof central.globals !== 'function') throw misuse('preferenceExport.central', central, 'a CentralStore');
    this.#registry = options.registry;
    this.#stores = {local: options.local, global: central};
    this.#pseudonyms = new OwnerPseudonyms(options.key);
  }

  /** The rows, read in batches: local ones, then global ones. @throws CentralUnavailable, StoreFault */
  async* rows(): AsyncGenerator<PublicRow> {
    for (const layer of ['local', 'global'] as const) {
      for (let after: string | undefined; ;) {
        const page = await this.#stores[layer].upkeep.page(layer, after, BATCH);
        for (const row of page.rows) {
          const shown = this.#publicOf(layer, row);
          if (shown !== undefined) yield shown;
        }
        after = page.next;
        if (after === undefined) break;
      }
    }
  }

  /** A header and the rows as JSON, one a line, without line breaks. @throws CentralUnavailable, StoreFault */
  async* lines(): AsyncGenerator<string> {
    yield JSON.stringify({jupiter: 1, kind: 'preferences'} satisfies ExportHeader);
    for await (const row of this.rows()) yield JSON.stringify(row);
  }

  #publicOf(layer: LayerName, {scope, owner, setting: name, value: text, exception}: UpkeepRow): PublicRow | undefined {
    const setting = this.#registry.find(name);
    // A scope is anybody's text too.
    if (setting?.exposure !== 'public' || setting.hidden || holdsCredentials(scope)) return undefined;
    const value: Json | undefined = text === undefined ? undefined : setting.decode(text)?.value;
    if (value === undefined && !exception) return undefined;
    return {
      layer, ...(scope === undefined ? {} : {scope}), owner: this.#pseudonyms.of(owner), setting: name,
      ...(value === undefined ? {} : {value}), ...(exception ? {exception} : {}),
    };
  }
}
