import {expect} from 'chai';
import type {Engine} from './engines.js';

/**
 * What must hold whatever happened: no number of any counter is missing or there twice, every part is what its last history
 * row says, and every release counts its rows.
 */
export async function expectWholeHistory(engine: Engine): Promise<void> {
  const {kysely} = await engine.database();
  const changes = await kysely.selectFrom('change').selectAll().orderBy('seq').execute();
  expect(changes.map(({seq}) => seq), 'seq').to.deep.equal(changes.map((_, index) => index + 1));
  const counters = new Map<string, number[]>();
  for (const {name, path, release_version: version, part_version: partVersion} of changes) {
    for (const [key, value] of [[name, version], [`${name} ${path}`, partVersion]] as const) counters.set(key, [...counters.get(key) ?? [], value]);
  }
  for (const [key, values] of counters) expect(values, key).to.deep.equal(values.map((_, index) => index + 1));
  for (const release of await kysely.selectFrom('release').selectAll().execute()) {
    expect(release.version, release.name).to.equal(counters.get(release.name)?.length);
    expect(release.head_version, release.name).to.equal(counters.get(`${release.name} `)?.length);
  }
  for (const part of await kysely.selectFrom('part').selectAll().execute()) {
    const last = changes.findLast(({name, path}) => name === part.name && path === part.path);
    expect([part.version, part.release_version, part.body], part.path).to.deep.equal([last?.part_version, last?.release_version, last?.body]);
  }
}
