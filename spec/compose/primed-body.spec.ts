import {expect} from 'chai';
import {PrimedBody} from '../../src/compose/primed-body.js';
import {collect} from './stores.js';

describe('PrimedBody', () => {
  let open = false;
  async function *file(...chunks: string[]): AsyncIterable<Uint8Array> {
    open = true;
    try {
      for (const chunk of chunks) yield Buffer.from(chunk);
    } finally {
      open = false;
    }
  }

  it('gives every byte once, the first one too', async () => {
    expect((await collect(await PrimedBody.start(file('a', 'bc', 'd')))).toString()).to.equal('abcd');
    expect((await collect(await PrimedBody.start(file()))).toString()).to.equal('');
    expect(open).to.equal(false);
  });

  it('opens at the start, and closes when it is not read, or not to the end', async () => {
    const unread = await PrimedBody.start(file('a', 'b'));
    expect(open).to.equal(true);
    await unread.return();
    expect(open).to.equal(false);
    expect(await unread.next()).to.deep.equal({value: undefined, done: true});
    for await (const chunk of await PrimedBody.start(file('a', 'b'))) {
      expect([Buffer.from(chunk).toString(), open]).to.deep.equal(['a', true]);
      break;
    }
    expect(open).to.equal(false);
  });

  it('rejects at the start with what the first read rejects with', async () => {
    const broken = {[Symbol.asyncIterator]: () => ({next: () => Promise.reject(new Error('no such file'))})};
    expect(await PrimedBody.start(broken).catch(String)).to.equal('Error: no such file');
  });
});
