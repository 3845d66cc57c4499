import {expect} from 'chai';
import {ChunkList} from '../../src/writer/chunk-list.js';

describe('ChunkList', () => {
  const filled = (): ChunkList => {
    const list = new ChunkList();
    for (const text of ['abc', '', 'defg', 'h']) list.push(Buffer.from(text));
    return list;
  };

  it('counts bytes and chunks, without empty ones', () => {
    expect([filled().size, filled().count]).to.deep.equal([8, 3]);
  });

  it('is cut at any size, inside a chunk too', () => {
    for (let size = 0; size <= 10; size++) {
      const list = filled();
      list.trim(size);
      expect(Buffer.concat(list.list()).toString()).to.equal('abcdefgh'.slice(0, size));
      expect(list.size).to.equal(Math.min(8, size));
    }
  });

  it('gives its chunks away or shows them', () => {
    const list = filled();
    expect(list.list().length).to.equal(3);
    expect(list.size).to.equal(8);
    expect(Buffer.concat(list.take()).toString()).to.equal('abcdefgh');
    expect([list.size, list.list()]).to.deep.equal([0, []]);
  });
});
