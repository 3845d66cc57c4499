import {expect} from 'chai';
import fc from 'fast-check';
import {Admission, type Entry} from '../../src/batch/admission.js';
import {SizeValidation} from '../../src/validation/size-validation.js';
import {FakeDownload} from './fake-download.js';

const item = (name: string, size?: number, enforced = true): FakeDownload => new FakeDownload({
  url: `fake://${name.slice(0, 1)}/file`, attachment: name,
  ...size === undefined ? {} : {validations: [new SizeValidation(size, {enforced})]},
});

describe('Admission', () => {
  const fill = (budget: number, items: readonly FakeDownload[]): Admission<FakeDownload> => {
    const admission = new Admission<FakeDownload>({byteBudget: budget, limitOf: () => 2});
    items.forEach((one, at) => { admission.add(one, at); });
    return admission;
  };
  const nameOf = (entry: Entry<FakeDownload> | undefined): string | undefined => entry?.download.attachment;
  const starts = (admission: Admission<FakeDownload>, count = Infinity): Entry<FakeDownload>[] => {
    const started: Entry<FakeDownload>[] = [];
    while (started.length < count) {
      const entry = admission.next(false);
      if (entry === undefined) break;
      started.push(entry);
    }
    return started;
  };

  it('starts one of each origin in turn, in the order of the source', () => {
    const admission = fill(Infinity, ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((name) => item(name)));
    expect(starts(admission).map(nameOf)).to.deep.equal(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('gives a place that came free to the origin with the fewest running', () => {
    const admission = fill(Infinity, ['a1', 'a2', 'a3', 'b1', 'b2', 'b3'].map((name) => item(name)));
    const [a1, b1] = starts(admission, 2);
    admission.over(b1!);
    const b2 = admission.next(false);
    admission.over(b2!);
    const b3 = admission.next(false);
    admission.over(a1!);
    expect([nameOf(b2), nameOf(b3), nameOf(admission.next(false))]).to.deep.equal(['b2', 'b3', 'a2']);
  });

  it('starts none that would only wait for a permit, as long as others may come', () => {
    const admission = fill(Infinity, ['a1', 'a2', 'a3', 'a4'].map((name) => item(name)));
    const started = [admission.next(true), admission.next(true)];
    expect([...started, admission.next(true)].map(nameOf)).to.deep.equal(['a1', 'a2', undefined]);
    admission.add(item('b1'), 4);
    expect([admission.next(true), admission.next(true), admission.next(false)].map(nameOf)).to.deep.equal(['b1', undefined, 'a3']);
    for (const entry of started) admission.over(entry!);
    expect(nameOf(admission.next(true))).to.equal('a4');
  });

  it('starts what fits the byte budget; the head of the line waits, and nobody overtakes it', () => {
    const admission = fill(100, [item('a1', 60), item('a2', 50), item('a3', 10), item('b1', 1), item('a4')]);
    const [first] = starts(admission);
    // b1 comes next for fairness, then the line keeps its order.
    expect([nameOf(first), admission.size]).to.deep.equal(['a1', 3]);
    admission.over(first!);
    expect(starts(admission).map(nameOf)).to.deep.equal(['a2', 'a3', 'a4']);
  });

  it('starts one that is too big for the budget when nothing that counts is running', () => {
    const admission = fill(100, [item('a1'), item('a2', 5000), item('a3', 1)]);
    const [unknown, big] = starts(admission);
    expect([nameOf(unknown), nameOf(big), nameOf(admission.next(false))]).to.deep.equal(['a1', 'a2', undefined]);
    admission.over(big!);
    expect(nameOf(admission.next(false))).to.equal('a3');
  });

  it('counts only sizes that are demanded', () => {
    const admission = fill(100, [item('a1', 90), item('a2', 90, false), item('a3')]);
    expect(starts(admission)).to.have.length(3);
  });

  it('gives back those who wait, the head of the line among them', () => {
    const admission = fill(100, [item('a1', 90), item('a2', 90), item('a3', 90)]);
    starts(admission);
    expect(admission.drain().map(nameOf)).to.deep.equal(['a2', 'a3']);
    expect([admission.size, admission.next(false)]).to.deep.equal([0, undefined]);
  });

  it('never runs more than the budget unless one alone, and starts everything in the end', () => {
    const guest = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.option(fc.integer({min: 0, max: 150}), {nil: undefined}));
    fc.assert(fc.property(fc.array(guest, {maxLength: 30}), fc.array(fc.nat(), {minLength: 30, maxLength: 30}), (guests, picks) => {
      const admission = fill(100, guests.map(([origin, size]) => item(origin, size)));
      const running: Entry<FakeDownload>[] = [];
      const sizeOf = ({index}: Entry<FakeDownload>): number => guests[index]?.[1] ?? 0;
      let started = 0;
      for (const pick of picks) {
        const fresh = starts(admission);
        started += fresh.length;
        running.push(...fresh);
        const counting = running.filter((entry) => sizeOf(entry) > 0);
        if (counting.length > 1) expect(counting.reduce((sum, entry) => sum + sizeOf(entry), 0)).to.be.at.most(100);
        const [done] = running.splice(pick % Math.max(1, running.length), 1);
        if (done !== undefined) admission.over(done);
      }
      expect([started, admission.size]).to.deep.equal([guests.length, 0]);
    }));
  });
});
