import {expect} from 'chai';
import fc from 'fast-check';
import {PieceMap, type Segment} from '../../src/compose/piece-map.js';

const plain = ({next, end}: Segment): [number, number] => [next, end];
const none = (): undefined => undefined;

describe('PieceMap', () => {
  it('gives the whole to the first, and half of the largest rest to each other one', () => {
    const map = new PieceMap(95, 10);
    const segments = [map.take(), map.take(), map.take(), map.take()] as Segment[];
    expect(segments.map(plain)).to.deep.equal([[0, 3], [5, 8], [3, 5], [8, 10]]);
    expect([map.startOf(9), map.endOf(9), map.count]).to.deep.equal([90, 95, 10]);
  });

  it('gives holes that nobody fetches first, the largest of them', () => {
    const map = new PieceMap(100, 10, [0, 3, 4]);
    expect(map.held).to.equal(30);
    expect(plain(map.take() as Segment)).to.deep.equal([5, 10]);
    expect(plain(map.take() as Segment)).to.deep.equal([1, 3]);
    expect(plain(map.take() as Segment)).to.deep.equal([8, 10]);
  });

  it('never takes the piece in hand, and says when there is nothing', () => {
    const map = new PieceMap(30, 10);
    const first = map.take() as Segment;
    for (const piece of [0, 1]) map.finish(piece);
    first.next = 2;
    expect(map.take()).to.equal(undefined);
    map.release(first);
    expect(plain(map.take() as Segment)).to.deep.equal([2, 3]);
  });

  it('leaves out what may not be asked', () => {
    const map = new PieceMap(50, 10);
    expect(plain(map.take((piece) => piece !== 1) as Segment)).to.deep.equal([2, 5]);
    expect(map.take((piece) => piece === 3)).to.equal(undefined);
  });

  it('goes on within a piece only with bytes of the same source', () => {
    const map = new PieceMap(30, 10);
    map.begin(1, 'a', none);
    expect(map.advance(1, 4)).to.equal(false);
    expect([map.positionOf({next: 1, end: 2}, 'a'), map.positionOf({next: 1, end: 2}, 'b'), map.held]).to.deep.equal([14, 10, 4]);
    map.begin(1, 'b', none);
    expect(map.held).to.equal(0);
    expect(map.advance(1, 10)).to.equal(true);
    map.finish(1);
    expect([map.held, map.whole]).to.deep.equal([10, [1]]);
  });

  it('hands out each missing piece to one at a time, and all of them in the end', () => {
    const plans = [fc.integer({min: 1, max: 40}), fc.array(fc.nat(39)), fc.array(fc.nat(9), {maxLength: 100})] as const;
    fc.assert(fc.property(...plans, (count, whole, moves) => {
      const map = new PieceMap(count * 10 - 3, 10, whole);
      const active: Segment[] = [];
      const end = (segment: Segment): void => {
        map.release(segment);
        active.splice(active.indexOf(segment), 1);
      };
      const fetch = (segment: Segment): void => {
        map.begin(segment.next, 'a', none);
        map.advance(segment.next, map.endOf(segment.next) - map.startOf(segment.next));
        map.finish(segment.next);
        if (segment.next + 1 === segment.end) end(segment);
        else segment.next++;
      };
      const check = (): void => {
        const owners = Array.from({length: count}, () => 0);
        for (const {next, end: last} of active) for (let piece = next; piece < last; piece++) owners[piece] = (owners[piece] ?? 0) + 1;
        const twice = owners.findIndex((owner, piece) => owner > 1 || (owner === 1 && map.isWhole(piece)));
        if (twice >= 0) expect.fail(`fetched twice: piece ${twice}`);
      };
      for (const move of [...moves, ...Array.from({length: 100}, () => 3)]) {
        const one = active[move % Math.max(1, active.length)];
        const taken = move < 3 || active.length === 0 ? map.take() : undefined;
        if (taken !== undefined) active.push(taken);
        else if (move === 9 && one !== undefined) end(one);
        else if (one !== undefined) fetch(one);
        check();
      }
      expect(map.complete).to.equal(true);
      expect(map.held).to.equal(map.total);
    }));
  });
});
