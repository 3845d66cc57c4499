import {RevisionConflict} from '../preferences-errors.js';
import type {SiteDefaults} from '../site-defaults.js';
import type {CentralStore, GlobalChange, GlobalRow, LocalChange, LocalRow, LocalStore} from '../store-contract.js';
import type {ImportItem} from './import-lines.js';

/** Where a batch goes. */
export interface ImportBatchOptions {
  readonly local: LocalStore;
  readonly central: CentralStore;
  readonly defaults: SiteDefaults;
  readonly existing: 'keep' | 'replace';
  readonly dryRun: boolean;
}

/** What a batch came to. */
export interface ImportCounts {
  rows: number;
  existing: number;
  equalDefault: number;
}

interface Decided {
  /** By key: a value and an exception may come in two lines, and are one row. */
  readonly locals: Map<string, LocalChange>;
  readonly globals: GlobalChange[];
  readonly counts: ImportCounts;
}

/** How often a batch is decided anew when somebody else writes the same rows. */
const TRIES = 5;

/** Brings in some lines: one transaction for each store. */
export class ImportBatch {
  readonly #is: ImportBatchOptions;

  constructor(options: ImportBatchOptions) {
    this.#is = options;
  }

  /** @throws RevisionConflict when the same rows are written all the time; StoreFault */
  async write(items: readonly ImportItem[]): Promise<ImportCounts> {
    let rows = 0;
    for (let n = 1; ; n++) {
      const {locals, globals, counts} = await this.#decide(items);
      if (this.#is.dryRun) return counts;
      try {
        // Where global values can't be written, nothing is.
        if (locals.size > 0 && globals.length > 0) await this.#is.central.checkCentralWritable();
        // Exceptions before global values, so that a crash between them leaves no global value where it must not be.
        if (locals.size > 0) rows += await this.#is.local.writeLocals([...locals.values()]);
        if (globals.length > 0) rows += await this.#is.central.writeGlobals(globals);
        return {...counts, rows};
      } catch (error) {
        if (!(error instanceof RevisionConflict) || n === TRIES) throw error;
      }
    }
  }

  async #decide(items: readonly ImportItem[]): Promise<Decided> {
    const decided: Decided = {locals: new Map(), globals: [], counts: {rows: 0, existing: 0, equalDefault: 0}};
    const seen = new Set<string>();
    const [locals, globals] = await this.#stored(items);
    // Of lines about the same the first counts where values are kept, the last where they are replaced.
    for (const item of this.#is.existing === 'keep' ? items : [...items].reverse()) {
      const {scope, owner, setting: {name}} = item;
      const key = JSON.stringify([scope, owner, name]);
      if (item.value !== undefined) {
        if (seen.has(key)) {
          decided.counts.existing++;
          continue;
        }
        seen.add(key);
      }
      if (scope === undefined) this.#global(item, globals.get(JSON.stringify([owner, name])), decided);
      else this.#local(key, {...item, scope}, locals.get(key), decided);
    }
    return decided;
  }

  #local(key: string, {scope, owner, setting, value, exception}: ImportItem & {scope: string}, row: LocalRow | undefined,
    {locals, counts}: Decided): void {
    const guarded = this.#is.existing === 'keep' ? {expected: row?.revision ?? 0} : {};
    const before = locals.get(key);
    // What is kept never loses an exception.
    const marks = exception === true || (exception === false && this.#is.existing === 'replace');
    const change = {scope, owner, setting: setting.name, ...guarded, ...marks ? {exception} : {}, ...before};
    if (marks) locals.set(key, change);
    if (value === undefined) return;
    if (row?.value !== undefined && row.value !== value && this.#is.existing === 'keep') {
      counts.existing++;
      return;
    }
    const isDefault = value === this.#is.defaults.of(scope, setting);
    if (isDefault) counts.equalDefault++;
    if (isDefault && row?.value === undefined) return;
    locals.set(key, {...change, value: isDefault ? null : value});
  }

  #global({owner, setting, value}: ImportItem, row: GlobalRow | undefined, {globals, counts}: Decided): void {
    if (value === undefined) return;
    if (row !== undefined && row.value !== value && this.#is.existing === 'keep') {
      counts.existing++;
      return;
    }
    globals.push({owner, setting: setting.name, value, ...this.#is.existing === 'keep' ? {expected: row?.revision ?? 0} : {}});
  }

  async #stored(items: readonly ImportItem[]): Promise<[Map<string, LocalRow>, Map<string, GlobalRow>]> {
    const locals = new Map<string, LocalRow>();
    const globals = new Map<string, GlobalRow>();
    const owners = new Map<string | undefined, Set<string>>();
    for (const {scope, owner} of items) owners.set(scope, (owners.get(scope) ?? new Set()).add(owner));
    for (const [scope, some] of owners) {
      if (scope === undefined) {
        for (const [owner, rows] of await this.#is.central.globals([...some])) {
          for (const row of rows) globals.set(JSON.stringify([owner, row.setting]), row);
        }
        continue;
      }
      for (const [owner, {rows}] of await this.#is.local.locals(scope, [...some], undefined)) {
        for (const row of rows) locals.set(JSON.stringify([scope, owner, row.setting]), row);
      }
    }
    return [locals, globals];
  }
}
