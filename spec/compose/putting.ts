import {ContentStore, type ContentStoreOptions} from '../../src/compose/content-store.js';
import {patterned, split} from '../../src/testing/bytes.js';
import {digestOf} from './stores.js';

/*
 * A process that puts the contents 0 to 19 into a store, again and again until it is killed, or `rounds` times.
 * node --import tsx putting.ts FOLDER DURABILITY [ROUNDS]
 */
const [folder = '', durability, rounds = 'Infinity'] = process.argv.slice(2);
const all = Array.from({length: 20}, (_, seed) => patterned(seed * 50_000 + 1, seed));
const store = new ContentStore({folder, durability: durability as ContentStoreOptions['durability']});
for (let round = 0; round < Number(rounds); round++) {
  await Promise.all(all.map(async (bytes) => {
    await store.put(split(bytes, 100_000), {digests: [digestOf(bytes, 'sha512')]});
    for await (const chunk of (await store.get(digestOf(bytes)))?.read() ?? []) if (chunk.byteLength === 0) throw new Error('an empty chunk');
  }));
  process.stdout.write('a round is over\n');
}
