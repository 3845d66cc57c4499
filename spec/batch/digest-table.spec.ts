import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {DigestTable, KEY_BYTES} from '../../src/batch/digest-table.js';
import {SeededRandom} from '../support/seeded-random.js';

describe('DigestTable', () => {
  const keyOf = (text: string): Buffer => createHash('sha256').update(text).digest().subarray(0, KEY_BYTES);

  it('agrees with a Map through 100,000 settings, half of them of keys that are there', () => {
    const random = new SeededRandom(7);
    const [table, map] = [new DigestTable(), new Map<string, number>()];
    for (let at = 0; at < 100_000; at++) {
      const name = String(random.below(70_000));
      table.set(keyOf(name), at);
      map.set(name, at);
    }
    expect(table.size).to.equal(map.size);
    for (const [name, value] of map) if (table.get(keyOf(name)) !== value) expect.fail(`${name}: ${table.get(keyOf(name)) ?? 'none'}`);
    for (let at = 70_000; at < 80_000; at++) if (table.get(keyOf(String(at))) !== undefined) expect.fail(String(at));
  });

  it('tells keys apart that differ only behind their first 64 bits', () => {
    const table = new DigestTable();
    const keys = [8, 12, 15].map((at) => {
      const key = Buffer.alloc(KEY_BYTES, 1);
      key[at] = 2;
      return key;
    });
    for (const [value, key] of keys.entries()) table.set(key, value);
    expect(keys.map((key) => table.get(key))).to.deep.equal([0, 1, 2]);
    expect([table.size, table.get(Buffer.alloc(KEY_BYTES, 1))]).to.deep.equal([3, undefined]);
  });

  it('keeps sizes beyond 32 bits', () => {
    const table = new DigestTable();
    table.set(keyOf('a'), Number.MAX_SAFE_INTEGER);
    expect(table.get(keyOf('a'))).to.equal(Number.MAX_SAFE_INTEGER);
  });
});
