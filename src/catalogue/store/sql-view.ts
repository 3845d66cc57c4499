import type {Kysely} from 'kysely';
import type {Change} from '../contract.js';
import type {ChangeRow, HeadRow, PartRow, RequestRow, StoreView} from '../store-contract.js';
import type {CatalogueTables} from './catalogue-tables.js';
import {CHANGE_COLUMNS, changeOf, changeRowOf, headOf, partOf} from './sql-rows.js';

/** Rows looked up by one SELECT: PostgreSQL takes 65,535 values, SQLite 32,766. */
const PLACES = 500;

/** Reading by SQL, the same on both engines. Every query is a lookup or a range by an index; a spec looks at the plans. */
export class SqlView implements StoreView {
  protected readonly statements: Kysely<CatalogueTables>;

  constructor(statements: Kysely<CatalogueTables>) {
    this.statements = statements;
  }

  async head(name: string): Promise<HeadRow | undefined> {
    const row = await this.statements.selectFrom('release').selectAll().where('name', '=', name).executeTakeFirst();
    return row === undefined ? undefined : headOf(row);
  }

  async heads(query: {product: string | undefined; after: string | undefined; limit: number}): Promise<HeadRow[]> {
    let select = this.statements.selectFrom('release').selectAll().where('removed', '=', 0);
    if (query.product !== undefined) select = select.where('product', '=', query.product);
    if (query.after !== undefined) select = select.where('name', '>', query.after);
    return (await select.orderBy('name').limit(query.limit).execute()).map(headOf);
  }

  async part(name: string, path: string): Promise<PartRow | undefined> {
    const row = await this.statements.selectFrom('part').selectAll().where('name', '=', name).where('path', '=', path).executeTakeFirst();
    return row === undefined ? undefined : partOf(row);
  }

  async parts(name: string): Promise<PartRow[]> {
    return (await this.statements.selectFrom('part').selectAll().where('name', '=', name).orderBy('path').execute()).map(partOf);
  }

  async partsOf(name: string, paths: readonly string[]): Promise<PartRow[]> {
    const rows: PartRow[] = [];
    for (let at = 0; at < paths.length; at += PLACES) {
      const some = paths.slice(at, at + PLACES);
      const found = await this.statements.selectFrom('part').selectAll().where('name', '=', name).where('path', 'in', some).execute();
      rows.push(...found.map(partOf));
    }
    return rows;
  }

  async changeAt(name: string, path: string, releaseVersion: number): Promise<ChangeRow | undefined> {
    const row = await this.statements.selectFrom('change').selectAll().where('name', '=', name).where('path', '=', path)
      .where('release_version', '<=', releaseVersion).orderBy('release_version', 'desc').limit(1).executeTakeFirst();
    return row === undefined ? undefined : changeRowOf(row);
  }

  /** In two steps: as one join PostgreSQL would read the whole table, or every body of the release. */
  async changesAt(name: string, releaseVersion: number): Promise<ChangeRow[]> {
    const places = await this.statements.selectFrom('part').select((part) => part.selectFrom('change as last').select('last.seq')
      .whereRef('last.name', '=', 'part.name').whereRef('last.path', '=', 'part.path').where('last.release_version', '<=', releaseVersion)
      .orderBy('last.release_version', 'desc').limit(1).as('seq')).where('name', '=', name).orderBy('path').execute();
    const seqs = places.flatMap(({seq}) => seq === null ? [] : [seq]);
    const rows = new Map<number, ChangeRow>();
    for (let at = 0; at < seqs.length; at += PLACES) {
      const some = await this.statements.selectFrom('change').selectAll().where('seq', 'in', seqs.slice(at, at + PLACES)).execute();
      for (const row of some) rows.set(row.seq, changeRowOf(row));
    }
    return seqs.flatMap((seq) => rows.get(seq) ?? []);
  }

  async changeOf(name: string, path: string, partVersion: number): Promise<ChangeRow | undefined> {
    const row = await this.statements.selectFrom('change').selectAll().where('name', '=', name).where('path', '=', path)
      .where('part_version', '=', partVersion).executeTakeFirst();
    return row === undefined ? undefined : changeRowOf(row);
  }

  async changeBySeq(seq: number): Promise<ChangeRow | undefined> {
    const row = await this.statements.selectFrom('change').selectAll().where('seq', '=', seq).executeTakeFirst();
    return row === undefined ? undefined : changeRowOf(row);
  }

  async versionAt(name: string, at: number): Promise<number | undefined> {
    const row = await this.statements.selectFrom('change').select('release_version').where('name', '=', name).where('time', '<=', at)
      .orderBy('release_version', 'desc').limit(1).executeTakeFirst();
    return row?.release_version;
  }

  async history(query: {name: string; path: string | undefined; before: number | undefined; limit: number}): Promise<Change[]> {
    let select = this.statements.selectFrom('change').select(CHANGE_COLUMNS).where('name', '=', query.name);
    if (query.path !== undefined) select = select.where('path', '=', query.path);
    if (query.before !== undefined) select = select.where('release_version', '<', query.before);
    return (await select.orderBy('release_version', 'desc').limit(query.limit).execute()).map(changeOf);
  }

  async changes(query: {name: string | undefined; after: number; limit: number}): Promise<Change[]> {
    let select = this.statements.selectFrom('change').select(CHANGE_COLUMNS).where('seq', '>', query.after);
    if (query.name !== undefined) select = select.where('name', '=', query.name);
    return (await select.orderBy('seq').limit(query.limit).execute()).map(changeOf);
  }

  async changesOfRequest(name: string, releaseVersions: {from: number; to: number}, requestId: string): Promise<Change[]> {
    const rows = await this.statements.selectFrom('change').select(CHANGE_COLUMNS).where('name', '=', name)
      .where('release_version', '>=', releaseVersions.from).where('release_version', '<=', releaseVersions.to)
      .where('request_id', '=', requestId).orderBy('release_version').execute();
    return rows.map(changeOf);
  }

  async request(actor: string, id: string): Promise<RequestRow | undefined> {
    return this.statements.selectFrom('request').selectAll().where('actor', '=', actor).where('id', '=', id).executeTakeFirst();
  }
}
