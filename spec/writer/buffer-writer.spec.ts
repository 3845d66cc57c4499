import {expect} from 'chai';
import {TooLarge} from '../../src/core/errors.js';
import {BufferWriter} from '../../src/writer/buffer-writer.js';
import {feedWriter, writerMeta} from '../../src/testing/writer-calls.js';
import {writerContract} from '../../src/testing/writer-contract.js';

describe('BufferWriter', () => {
  it('gives the bytes as a Buffer and as text, the same Buffer each time', async () => {
    const writer = new BufferWriter();
    await feedWriter(writer, [Buffer.from('grü'), Buffer.from('ße')]);
    writer.close();
    expect(writer.text()).to.equal('grüße');
    expect(writer.text('hex')).to.equal(Buffer.from('grüße').toString('hex'));
    expect(writer.content()).to.equal(writer.content());
    expect(() => writer.text('utf-9' as BufferEncoding)).to.throw(TypeError, 'encoding');
  });

  it('gives nothing before close and after discard', async () => {
    const writer = new BufferWriter();
    await feedWriter(writer, [Buffer.from('half')]);
    expect(() => writer.content()).to.throw(TypeError, 'it is not over');
    writer.discard();
    expect(() => writer.content()).to.throw(TypeError, 'it failed');
    expect(() => writer.text()).to.throw(TypeError, 'it failed');
  });

  it('keeps what it published when it is discarded afterwards', async () => {
    const writer = new BufferWriter();
    await feedWriter(writer, [Buffer.from('whole')]);
    writer.close();
    writer.discard();
    expect(writer.text()).to.equal('whole');
  });

  it('refuses more than its limit when it is announced', () => {
    const writer = new BufferWriter({limit: 10});
    writer.open(writerMeta(10));
    expect(() => { new BufferWriter({limit: 10}).open(writerMeta(11)); }).to.throw(TooLarge, '11 bytes are announced, expected at most 10')
      .that.includes({limit: 10, code: 'TOO_LARGE'});
  });

  it('refuses more than its limit while the bytes come, and takes exactly the limit', async () => {
    const writer = new BufferWriter({limit: 10});
    await feedWriter(writer, [Buffer.alloc(6), Buffer.alloc(4)]);
    expect(() => { writer.append(Buffer.alloc(1)); }).to.throw(TooLarge, 'at most 10');
    writer.rewind(9);
    writer.append(Buffer.alloc(1));
    writer.close();
    expect(writer.content().length).to.equal(10);
  });

  it('takes 16 MiB by default, and nothing with limit 0', async () => {
    expect(new BufferWriter().limit).to.equal(16 * 1024 * 1024);
    const none = new BufferWriter({limit: 0});
    await feedWriter(none, []);
    expect(() => { none.append(Buffer.alloc(1)); }).to.throw(TooLarge);
  });

  it('goes back to any offset, inside a chunk too', async () => {
    const writer = new BufferWriter();
    await feedWriter(writer, [Buffer.from('abcd'), Buffer.from('efgh'), Buffer.from('ijkl')]);
    writer.rewind(6);
    writer.append(Buffer.from('X'));
    writer.rewind(20);
    writer.close();
    expect(writer.text()).to.equal('abcdefX');
  });

  it('names the option that is wrong', () => {
    expect(() => new BufferWriter({limit: -1})).to.throw(RangeError, 'limit');
    expect(() => new BufferWriter({limit: 1.5})).to.throw(RangeError, 'limit');
    expect(() => new BufferWriter({limit: '5' as unknown as number})).to.throw(TypeError, 'limit');
    expect(() => new BufferWriter({size: 5} as object)).to.throw(TypeError, "unknown option 'size'");
  });

  writerContract({describe, it}, () => {
    const writer = new BufferWriter();
    const published = (): Buffer | undefined => {
      try {
        return writer.content();
      } catch {
        return undefined;
      }
    };
    return {writer, published, leftovers: () => []};
  });

  it('lets go of the bytes when it is discarded', async () => {
    const writer = new BufferWriter();
    await feedWriter(writer, [Buffer.from('half')]);
    writer.discard();
    for await (const chunk of writer.read()) expect.fail(`still has ${chunk.byteLength} bytes`);
  });
});
