import {expect} from 'chai';
import {existsSync, rmSync} from 'node:fs';
import {sql} from 'kysely';
import {openSqlite} from '../../src/sql/open-sqlite.js';
import {copyOf} from '../../src/sql/sqlite-copy.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

describe('copyOf', () => {
  const folder = useTempFolder();

  it('has what was committed, also when most of it is in the WAL still', async () => {
    const path = folder.join('a.db');
    const {kysely, close} = await openSqlite<never>(path, 'a spec');
    await sql`create table t (n integer)`.execute(kysely);
    await sql`insert into t values (7)`.execute(kysely);
    expect(existsSync(`${path}-wal`)).to.equal(true);
    const copy = copyOf(path);
    try {
      const copied = await openSqlite<never>(copy.path, 'a spec');
      expect((await sql`select n from t`.execute(copied.kysely)).rows).to.deep.equal([{n: 7}]);
      await copied.close();
    } finally {
      rmSync(copy.folder, {recursive: true});
      await close();
    }
  });

  it('leaves nothing when there is nothing to copy', () => {
    expect(() => copyOf(folder.join('none.db'))).to.throw('ENOENT');
  });
});
