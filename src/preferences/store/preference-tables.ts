import type {Migration, MigrationSchema} from '../../sql/migrations.js';
import type {SqlEngine} from '../../sql/sql-database.js';

/** The rows as the database has them. Truth is 0 or 1 on both engines. */
export interface PreferenceTables extends MigrationSchema {
  /** The dictionaries: each name once, as a small number that means nothing outside this store. Ids grow in commit order. */
  preference_setting: {id: number; name: string};
  preference_scope: {id: number; name: string};
  /** L and X in one row: `value` is null when there is no L. */
  preference_local: {scope: number; owner: string; setting: number; exception: number; revision: number; value: string | null};
  /** G. */
  preference_global: {owner: string; setting: number; revision: number; value: string};
  /** What a central store elsewhere last said about an owner. */
  preference_snapshot: {central: string; owner: string; time: number; body: string};
  /** One row: the store's identity, and on SQLite the last revision given. */
  preference_store: {id: number; identity: string; revision: number};
  /** What a cleanup saw of a row; a write of the row removes it. `scope` 0: of a global row. */
  preference_mark: {scope: number; owner: string; setting: number; kind: number; since: number};
  /** Since when a default is what it is. */
  preference_default: {scope: number; setting: number; digest: string; since: number};
  /** What cleanups removed. `scope` 0: a global row; `after`: the row's revision then, 0 when it was gone. */
  preference_cleanup_log: {
    run: string; number: number; time: number; rule: string; scope: number; owner: string; setting: number;
    value: number; exception: number; kept: string | null; sealed: number; after: number; undone: number | null;
  };
}

/** A text that is compared byte by byte on both engines. */
const TEXT: Readonly<Record<SqlEngine, string>> = {sqlite: 'text not null', postgres: 'text collate "C" not null'};

/** The steps of the preferences' schema. A step that was released never changes. */
export const PREFERENCE_MIGRATIONS: readonly Migration[] = [
  {name: 'settings, scopes, local and global values, snapshots', statements: (engine) => firstStep(TEXT[engine], engine)},
  {name: 'marks, defaults and the log of cleanups', statements: (engine) => cleanupStep(TEXT[engine], engine)},
];

function firstStep(text: string, engine: SqlEngine): string[] {
  // Rows live in the primary key itself, so a range of it is one walk.
  const clustered = engine === 'sqlite' ? ' without rowid' : '';
  const sequence = engine === 'postgres' ? ['create sequence preference_revision as bigint'] : [];
  return [
    `create table preference_setting (id integer primary key, name ${text} unique)`,
    `create table preference_scope (id integer primary key, name ${text} unique)`,
    `create table preference_local (scope integer not null, owner ${text}, setting integer not null, exception smallint not null,
      revision bigint not null, value text, primary key (scope, owner, setting), check (exception = 1 or value is not null))${clustered}`,
    `create table preference_global (owner ${text}, setting integer not null, revision bigint not null, value text not null,
      primary key (owner, setting))${clustered}`,
    `create table preference_snapshot (central ${text}, owner ${text}, time bigint not null, body text not null,
      primary key (central, owner))${clustered}`,
    `create table preference_store (id integer primary key, identity ${text}, revision bigint not null)`,
    ...sequence,
  ];
}

function cleanupStep(text: string, engine: SqlEngine): string[] {
  const clustered = engine === 'sqlite' ? ' without rowid' : '';
  return [
    `create table preference_mark (scope integer not null, owner ${text}, setting integer not null, kind smallint not null,
      since bigint not null, primary key (scope, owner, setting, kind))${clustered}`,
    `create table preference_default (scope integer not null, setting integer not null, digest ${text}, since bigint not null,
      primary key (scope, setting))${clustered}`,
    `create table preference_cleanup_log (run ${text}, number integer not null, time bigint not null, rule ${text},
      scope integer not null, owner ${text}, setting integer not null, value smallint not null, exception smallint not null,
      kept text, sealed smallint not null, after bigint not null, undone bigint, primary key (run, number))${clustered}`,
  ];
}
