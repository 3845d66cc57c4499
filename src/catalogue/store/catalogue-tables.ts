import type {Migration, MigrationSchema} from '../../sql/migrations.js';
import type {SqlEngine} from '../../sql/sql-database.js';

/** The rows as the database has them. Truth is 0 or 1 on both engines; body is the last column everywhere. */
export interface CatalogueTables extends MigrationSchema {
  release: {
    name: string; product: string; schema: number; hash_function: string; read_only: number; removed: number;
    version: number; head_version: number; time: number;
  };
  part: {name: string; path: string; version: number; release_version: number; body: string | null};
  change: {
    seq: number; name: string; path: string; part_version: number; release_version: number; actor: string; time: number;
    operation: string; request_id: string; removed: number; pruned: number; body: string | null;
  };
  request: {actor: string; id: string; fingerprint: string; time: number; result: string};
  /** One row: the last place in the feed. Its lock is what makes the feed's order that of the commits. */
  feed: {id: number; seq: number};
}

/** A text that is ordered and compared byte by byte on both engines. */
const TEXT: Readonly<Record<SqlEngine, string>> = {sqlite: 'text not null', postgres: 'text collate "C" not null'};
const COUNT = 'bigint not null';

/** The steps of the catalogue's schema. A step that was released never changes. */
export const CATALOGUE_MIGRATIONS: readonly Migration[] = [
  {name: 'releases, parts, changes, requests, feed', statements: (engine) => firstStep(TEXT[engine], engine)},
];

function firstStep(text: string, engine: SqlEngine): string[] {
  const small = engine === 'sqlite' ? ' without rowid' : '';
  // Only a column of exactly this type is SQLite's own row number.
  const seq = engine === 'sqlite' ? 'integer primary key' : 'bigint primary key';
  return [
    `create table release (name ${text}, product ${text}, schema integer not null, hash_function ${text}, read_only smallint not null,
      removed smallint not null, version ${COUNT}, head_version ${COUNT}, time ${COUNT}, primary key (name))${small}`,
    'create index release_product on release (product, name)',
    `create table part (name ${text}, path ${text}, version ${COUNT}, release_version ${COUNT}, body text, primary key (name, path))`,
    `create table change (seq ${seq}, name ${text}, path ${text}, part_version ${COUNT}, release_version ${COUNT}, actor ${text},
      time ${COUNT}, operation ${text}, request_id ${text}, removed smallint not null, pruned smallint not null, body text,
      unique (name, path, part_version), unique (name, release_version))`,
    'create index change_at on change (name, path, release_version)',
    'create index change_feed on change (name, seq)',
    `create table request (actor ${text}, id ${text}, fingerprint ${text}, time ${COUNT}, result ${text}, primary key (actor, id))${small}`,
    'create index request_time on request (time)',
    `create table feed (id integer primary key, seq ${COUNT})`,
    'insert into feed (id, seq) values (1, 0)',
  ];
}
