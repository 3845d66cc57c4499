import type {Selectable} from 'kysely';
import type {Change, Operation} from '../contract.js';
import type {ChangeRow, HeadRow, PartRow} from '../store-contract.js';
import type {CatalogueTables} from './catalogue-tables.js';

/** The columns of a history row without its body, which may be long. */
export const CHANGE_COLUMNS = [
  'seq', 'name', 'path', 'part_version', 'release_version', 'actor', 'time', 'operation', 'request_id', 'removed', 'pruned',
] as const;

/** A head as the seam has it. */
export function headOf(row: Selectable<CatalogueTables['release']>): HeadRow {
  return {
    name: row.name, product: row.product, schema: row.schema, hashFunction: row.hash_function, readOnly: row.read_only === 1,
    removed: row.removed === 1, version: row.version, headVersion: row.head_version, time: row.time,
  };
}

/** A part as the seam has it. */
export function partOf(row: Omit<Selectable<CatalogueTables['part']>, 'name'>): PartRow {
  return {path: row.path, version: row.version, releaseVersion: row.release_version, body: row.body ?? undefined};
}

/** A history row without its body. */
export function changeOf(row: Omit<Selectable<CatalogueTables['change']>, 'body'>): Change {
  return {
    seq: row.seq, name: row.name, path: row.path, partVersion: row.part_version, releaseVersion: row.release_version,
    actor: row.actor, time: row.time, operation: row.operation as Operation, requestId: row.request_id, removed: row.removed === 1,
  };
}

/** A history row with its body. */
export function changeRowOf(row: Selectable<CatalogueTables['change']>): ChangeRow {
  return {...changeOf(row), body: row.body ?? undefined, pruned: row.pruned === 1};
}
