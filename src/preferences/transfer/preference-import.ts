import {misuse, oneOf, onlyKeys} from '../../core/options.js';
import type {Registry} from '../registry/registry.js';
import {SiteDefaults, type DefaultsFor} from '../site-defaults.js';
import type {CentralStore, LocalStore} from '../store-contract.js';
import {ImportBatch} from './import-batch.js';
import {ImportLines, Refused, type ImportItem} from './import-lines.js';
import {OwnerPseudonyms} from './owner-pseudonyms.js';
import type {ImportRefusal, ImportReport, ImportRequest} from './transfer-contract.js';

/** Where rows are brought in. The stores stay open. */
export interface PreferenceImportOptions {
  readonly registry: Registry;
  readonly local: LocalStore;
  /** @default `local`, if it is a CentralStore too */
  readonly central?: CentralStore | undefined;
  readonly defaults?: DefaultsFor | undefined;
}

/** Lines in one transaction. */
const BATCH = 500;
/** Refusals that a report names. */
const NAMED = 100;

/**
 * Brings in the lines of an export, or rows of the form that keeps an exception in a second row: `{owner, scope, name, value}`, where
 * `retry.count` is L, without a scope G, and `retry.count-local-exception` is X, set unless its value is false. There every
 * value may be a text.
 *
 * Each value is checked as one that is set. An L that equals the default isn't stored; a G is. Secrets are not imported. Local rows
 * should come first, as they do in an export, so that no exception is missing while global values are there already.
 */
export class PreferenceImport {
  readonly #registry: Registry;
  readonly #local: LocalStore;
  readonly #central: CentralStore;
  readonly #defaults: SiteDefaults;

  /** @throws TypeError naming the option */
  constructor(options: PreferenceImportOptions) {
    onlyKeys('preferenceImport', options, ['registry', 'local', 'central', 'defaults']);
    this.#registry = options.registry;
    this.#local = options.local;
    this.#central = options.central ?? options.local as unknown as CentralStore;
    if (typeof this.#central.globals !== 'function') throw misuse('preferenceImport.central', this.#central, 'a CentralStore');
    this.#defaults = new SiteDefaults(options.registry, options.defaults);
  }

  /**
   * Lines that are no good are refused one by one, and the others brought in.
   * @throws TypeError when the first line is no header of an export; RevisionConflict, LocalReadOnly, CentralReadOnly,
   * CentralUnavailable, OutcomeUnknown, StoreFault: the batches before stay, and importing all again is safe
   */
  async run(lines: AsyncIterable<string> | Iterable<string>, request: ImportRequest = {}): Promise<ImportReport> {
    onlyKeys('import', request, ['form', 'dryRun', 'existing', 'owners', 'key', 'signal']);
    const form = oneOf('import.form', request.form, ['own', 'suffix'], 'own');
    const reader = new ImportLines(this.#registry, form, ownersOf(request));
    const {signal, dryRun = false} = request;
    const batch = new ImportBatch({local: this.#local, central: this.#central, defaults: this.#defaults, dryRun,
      existing: oneOf('import.existing', request.existing, ['keep', 'replace'], 'keep')});
    const tally = new ImportTally();
    let items: ImportItem[] = [];
    const flush = async (): Promise<void> => {
      if (items.length > 0) tally.add(await batch.write(items));
      items = [];
    };
    for await (const line of lines) {
      if (signal?.aborted === true) break;
      tally.lines++;
      if (tally.lines === 1 && form === 'own') {
        if (!ImportLines.isHeader(line)) throw new TypeError('import: expected the header of an export in line 1, got something else');
        continue;
      }
      if (line.trim() === '') continue;
      const item = reader.read(line);
      if (item instanceof Refused) tally.refuse(item);
      else {
        tally.accepted += Number(item.value !== undefined) + Number(item.exception === true);
        items.push(item);
      }
      if (items.length >= BATCH) await flush();
    }
    if (tally.lines === 0 && form === 'own') throw new TypeError('import: expected the header of an export in line 1, got nothing');
    await flush();
    return tally.report();
  }
}

class ImportTally {
  lines = 0;
  accepted = 0;
  #refused = 0;
  readonly #counts = {rows: 0, existing: 0, equalDefault: 0};
  readonly #refusals: ImportRefusal[] = [];

  refuse({reason, setting}: Refused): void {
    this.#refused++;
    if (this.#refusals.length < NAMED) this.#refusals.push({line: this.lines, setting, reason});
  }

  add(counts: Readonly<Record<'rows' | 'existing' | 'equalDefault', number>>): void {
    for (const name of ['rows', 'existing', 'equalDefault'] as const) this.#counts[name] += counts[name];
  }

  report(): ImportReport {
    return Object.freeze({lines: this.lines, accepted: this.accepted, ...this.#counts, refused: this.#refused,
      refusals: Object.freeze(this.#refusals)});
  }
}

/** @throws TypeError for owners without the key, or the other way round */
function ownersOf({owners, key}: ImportRequest): ReadonlyMap<string, string> | undefined {
  if (owners === undefined && key === undefined) return undefined;
  if (owners === undefined || key === undefined) throw new TypeError('import.owners: expected owners and key together, or neither');
  return new OwnerPseudonyms(key).back(owners);
}
