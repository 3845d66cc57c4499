import type {CompiledQuery, Kysely, KyselyPlugin, PluginTransformQueryArgs, PluginTransformResultArgs} from 'kysely';
import type {PreferenceTables} from '../../../src/preferences/store/preference-tables.js';
import type {SqlDatabase} from '../../../src/sql/sql-database.js';

/** What stores ran. */
export interface RanStatements {
  /** Those with tables, in their order. */
  readonly statements: CompiledQuery[];
  /** BEGIN, COMMIT and whatever else is raw, migrations too. */
  readonly raw: string[];
}

/** The database, with every statement kept in `ran`. */
export function recorded(database: SqlDatabase<PreferenceTables>, ran: RanStatements): SqlDatabase<PreferenceTables> {
  return {...database, kysely: database.kysely.withPlugin(new StatementRecorder(database.kysely, ran))};
}

/** Keeps every statement that was run. Parts of unions are transformed too, and have no result of their own. */
class StatementRecorder implements KyselyPlugin {
  readonly #kysely: Kysely<PreferenceTables>;
  readonly #ran: RanStatements;
  readonly #sent = new WeakMap<object, PluginTransformQueryArgs['node']>();

  constructor(kysely: Kysely<PreferenceTables>, ran: RanStatements) {
    this.#kysely = kysely;
    this.#ran = ran;
  }

  transformQuery({node, queryId}: PluginTransformQueryArgs): PluginTransformQueryArgs['node'] {
    this.#sent.set(queryId, node);
    return node;
  }

  async transformResult({result, queryId}: PluginTransformResultArgs): Promise<PluginTransformResultArgs['result']> {
    const node = this.#sent.get(queryId);
    if (node === undefined) this.#ran.raw.push(queryId.queryId);
    else this.#ran.statements.push(this.#kysely.getExecutor().compileQuery(node, queryId));
    return result;
  }
}
