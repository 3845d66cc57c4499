import {expect} from 'chai';
import {WarmContents} from '../../src/streamer/warm-contents.js';

describe('WarmContents', () => {
  const body = (text: string): Buffer => Buffer.alloc(10_000, text);
  const held = (warm: WarmContents): string => ['a', 'b', 'c', 'd'].filter((name) => warm.get(name) !== undefined).join('');

  it('drops what was asked for longest ago when the bytes are too many', () => {
    const warm = new WarmContents(35_000);
    for (const name of ['a', 'b', 'c']) warm.put(name, body(name));
    warm.get('a');
    warm.put('d', body('d'));
    expect(held(warm)).to.equal('acd');
    expect(warm.get('d')?.equals(body('d'))).to.equal(true);
  });

  it('keeps nothing that is larger than all it may keep', () => {
    const warm = new WarmContents(9000);
    warm.put('a', body('a'));
    expect(held(warm)).to.equal('');
  });

  it('counts a body once, however often it comes, and not at all when it is dropped', () => {
    const warm = new WarmContents(35_000);
    for (let n = 0; n < 10; n++) for (const name of ['a', 'b']) warm.put(name, body(name));
    warm.drop('a');
    warm.drop('a');
    for (const name of ['c', 'd']) warm.put(name, body(name));
    expect(held(warm)).to.equal('bcd');
  });

  it('counts bodies without bytes, too', () => {
    const warm = new WarmContents(10_000);
    for (let n = 0; n < 1000; n++) warm.put(String(n), Buffer.alloc(0));
    expect([warm.get('0'), warm.get('999')?.length]).to.deep.equal([undefined, 0]);
  });

  it('keeps a copy', () => {
    const warm = new WarmContents(35_000);
    const mine = body('a');
    warm.put('a', mine);
    mine.fill('x');
    expect(warm.get('a')?.equals(body('a'))).to.equal(true);
  });
});
