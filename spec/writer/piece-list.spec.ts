import {expect} from 'chai';
import fc from 'fast-check';
import {createHash} from 'node:crypto';
import {patterned, split} from '../../src/testing/bytes.js';
import {PieceList} from '../../src/writer/piece-list.js';

const BODY = patterned(2350);
const GRID = {length: 100, algorithm: 'sha256'};
const digestOf = (piece: number): string => createHash('sha256').update(BODY.subarray(piece * 100, (piece + 1) * 100)).digest('hex');
const listOf = (pieces: readonly number[]): PieceList => {
  const list = new PieceList(GRID, BODY.length);
  for (const piece of pieces) list.add(piece, digestOf(piece));
  return list;
};

describe('PieceList', () => {
  it('comes back from what it records', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.nat(23)), (pieces) => {
      const list = listOf(pieces);
      const again = PieceList.from(JSON.parse(JSON.stringify(list.record())), BODY.length);
      expect([...again?.digests ?? []].sort()).to.deep.equal([...list.digests].sort());
    }));
  });

  it('knows what is there without a gap, and where the last piece ends', () => {
    expect([listOf([]).prefix, listOf([]).end]).to.deep.equal([0, 0]);
    expect([listOf([1, 7]).prefix, listOf([1, 7]).end]).to.deep.equal([0, 800]);
    expect([listOf([0, 1, 2, 23]).prefix, listOf([0, 1, 2, 23]).end]).to.deep.equal([300, 2350]);
  });

  it('finds the pieces that are unaltered, however the bytes are cut', () => {
    const some = fc.uniqueArray(fc.nat(23));
    fc.assert(fc.property(some, some, fc.integer({min: 1, max: 500}), (pieces, altered, size) => {
      const bytes = Buffer.from(BODY);
      for (const piece of altered) bytes[piece * 100 + 7] = (bytes[piece * 100 + 7] ?? 0) ^ 1;
      const check = listOf(pieces).check();
      for (const chunk of split(bytes, size)) check.update(chunk);
      expect(check.good).to.deep.equal(pieces.filter((piece) => !altered.includes(piece)).sort((a, b) => a - b));
    }));
  });

  it('believes no record that can\'t be', () => {
    const record = listOf([0, 5]).record();
    const wrong: unknown[] = [
      undefined, null, 'text', {}, {...record, length: 0}, {...record, length: 1.5}, {...record, algorithm: 'nope'},
      {...record, algorithm: 7}, {...record, whole: 'xyz'}, {...record, whole: '80'}, {...record, digests: record.digests.slice(2)},
      {...record, digests: `${record.digests}00`},
    ];
    for (const one of wrong) expect(PieceList.from(one, BODY.length), JSON.stringify(one)).to.equal(undefined);
    expect(PieceList.from(record, undefined)).to.equal(undefined);
    expect(PieceList.from(record, BODY.length)?.size).to.equal(2);
  });
});
