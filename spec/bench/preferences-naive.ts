import type {BenchDatabase} from './preferences-database.js';

/** Columns that every row repeats as text. */
const TABLES = {
  naive_global: 'owner $text, name $text, value $text, primary key (owner, name)',
  naive_local: 'scope $text, owner $text, name $text, value $text, primary key (scope, owner, name)',
};
/** What a name has behind it when the row is an exception. */
const SUFFIX = '-local-exception';

/** The classic layout: the setting's name as text in each row, and an exception as a row of its own whose name has a suffix. */
export class NaiveLayout {
  readonly #local: BenchDatabase;
  readonly #central: BenchDatabase;

  /** The databases may be one. */
  constructor(local: BenchDatabase, central: BenchDatabase) {
    this.#local = local;
    this.#central = central;
  }

  /** Makes its tables in a database. */
  static async prepare(database: BenchDatabase): Promise<void> {
    const text = database.engine === 'postgres' ? 'text collate "C" not null' : 'text not null';
    for (const [name, columns] of Object.entries(TABLES)) await database.all(`create table ${name} (${columns.replaceAll('$text', text)})`);
  }

  /** An index as in MediaWiki's global_preferences, by which owners of a setting are found. */
  static async indexNames(database: BenchDatabase): Promise<void> {
    await database.all('create index naive_global_name on naive_global (name)');
  }

  async addGlobals(rows: readonly {owner: string; setting: string; value: string | null}[]): Promise<void> {
    await this.#central.insert('naive_global', rows.map(({owner, setting, value}) => [owner, setting, value ?? '']));
  }

  /** A value and an exception for each. */
  async addOverrides(rows: readonly {scope: string; owner: string; setting: string; value: string}[]): Promise<void> {
    await this.#local.insert('naive_local', rows.flatMap(({scope, owner, setting, value}) =>
      [[scope, owner, setting, value], [scope, owner, setting + SUFFIX, '1']]));
  }

  /** What is set for an owner, by name, without defaults: nothing is checked, and nothing kept for the next time. */
  async resolve(owner: string, scope: string): Promise<Map<string, unknown>> {
    const locals = new Map((await this.#local.all('select name, value from naive_local where scope = $1 and owner = $2', [scope, owner]))
      .map(({name, value}) => [name as string, value as string]));
    const globals = await this.#central.all('select name, value from naive_global where owner = $1', [owner]);
    const values = new Map<string, unknown>();
    for (const [name, value] of locals) if (!name.endsWith(SUFFIX)) values.set(name, JSON.parse(value));
    for (const {name, value} of globals) {
      if (!locals.has((name as string) + SUFFIX)) values.set(name as string, JSON.parse(value as string));
    }
    return values;
  }
}
