// The classic way: one document a release, written as a whole under one data_version, and the classic redo when another was
// quicker, a thousand times as fast: 5 tries, 60, 90, 135 and 202 ms between them. A module for spec/catalogue/crowd/publisher.mjs.
import {setTimeout as sleep} from 'node:timers/promises';
import Database from 'libsql';

const TRIES = 5;

export function open(path) {
  const database = new Database(path);
  database.prepare('pragma busy_timeout = 5000').all();
  database.prepare('pragma journal_mode = WAL').all();
  database.exec('pragma synchronous = FULL');
  database.exec('create table if not exists release (name text primary key, data_version integer not null, data text not null)');
  database.exec('create table if not exists history (change_id integer primary key, name text, data_version integer, data text, '
    + 'actor text)');
  const read = database.prepare('select data_version, data from release where name = ?');
  const first = database.prepare('insert or ignore into release values (?, 1, ?)');
  const write = database.prepare('update release set data_version = data_version + 1, data = ? where name = ? and data_version = ?');
  const keep = database.prepare('insert into history (name, data_version, data, actor) values (?, ?, ?, ?)');

  const put = (name, data, version, actor) => {
    database.exec('begin immediate');
    const {changes} = write.run(data, name, version);
    if (changes === 1) keep.run(name, version + 1, data, actor);
    database.exec(changes === 1 ? 'commit' : 'rollback');
    return changes === 1;
  };

  return {
    async publish(name, [{path: place, kind, ...item}], {actor}) {
      first.run(name, '{}');
      for (let attempts = 1; ; attempts++) {
        const {data_version: version, data} = read.get(name);
        const document = JSON.parse(data);
        ((document[place] ??= {})[`${kind}s`] ??= []).push(item);
        if (put(name, JSON.stringify(document), version, actor)) return {attempts, merged: false, changes: [version + 1]};
        if (attempts === TRIES) throw Object.assign(new Error(`refused ${TRIES} times, the version had moved on`), {code: 'REFUSED'});
        await sleep(60 * 1.5 ** (attempts - 1) + 2 * Math.random() - 1);
      }
    },
    async close() {
      database.close();
    },
  };
}
