import {expect} from 'chai';
import {GATHERED_BYTES, WriteBehind} from '../../src/writer/write-behind.js';

describe('WriteBehind', () => {
  /** Writes end when the spec says so. */
  const held = (): {bytes: WriteBehind; sizes: number[]; end: (fault?: Error) => Promise<void>} => {
    const sizes: number[] = [];
    const ends: ((fault?: Error) => void)[] = [];
    const bytes = new WriteBehind((buffers) => new Promise((resolve, reject) => {
      sizes.push(buffers.reduce((sum, {byteLength}) => sum + byteLength, 0));
      ends.push((fault) => {
        if (fault === undefined) resolve();
        else reject(fault);
      });
    }));
    const end = async (fault?: Error): Promise<void> => {
      ends.shift()?.(fault);
      await new Promise((resolve) => { setImmediate(resolve); });
    };
    return {bytes, sizes, end};
  };
  const piece = Buffer.alloc(GATHERED_BYTES);

  it('writes one piece while it gathers the next, and then holds the caller', async () => {
    const {bytes, sizes, end} = held();
    expect(bytes.push(piece)).to.equal(undefined);
    expect(bytes.push(Buffer.alloc(10))).to.equal(undefined);
    let accepted = false;
    void bytes.push(piece)?.then(() => { accepted = true; });
    await end();
    expect([sizes, accepted]).to.deep.equal([[GATHERED_BYTES, GATHERED_BYTES + 10], true]);
    await end();
  });

  it('writes one piece at a time even when nobody waits', async () => {
    const {bytes, sizes, end} = held();
    for (let n = 0; n < 4; n++) void bytes.push(piece);
    expect(sizes.length).to.equal(1);
    await end();
    expect(sizes).to.deep.equal([GATHERED_BYTES, 3 * GATHERED_BYTES]);
    await end();
    await bytes.drain();
  });

  it('writes tiny chunks before there are too many for one call', () => {
    const {bytes, sizes} = held();
    for (let n = 0; n < 1024; n++) void bytes.push(Buffer.alloc(1));
    expect(sizes).to.deep.equal([1024]);
  });

  it('tells a fault at the next push and keeps telling it until all is cleared', async () => {
    const {bytes, end} = held();
    void bytes.push(piece);
    await end(new Error('full'));
    expect(() => bytes.push(piece)).to.throw('full');
    expect(() => { bytes.trim(5); }).to.throw('full');
    expect(await bytes.drain().catch((thrown: unknown) => (thrown as Error).message)).to.equal('full');
    bytes.clear();
    expect(bytes.push(Buffer.alloc(5))).to.equal(undefined);
    expect(bytes.list().length).to.equal(1);
  });

  it('tells a fault to a caller who is held', async () => {
    const {bytes, end} = held();
    void bytes.push(piece);
    const waiting = Promise.resolve(bytes.push(piece)).then(() => 'accepted', (thrown: unknown) => (thrown as Error).message);
    await end(new Error('full'));
    expect(await waiting).to.equal('full');
  });
});
