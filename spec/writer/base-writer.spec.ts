import {expect} from 'chai';
import {Cancelled} from '../../src/core/errors.js';
import {BaseWriter} from '../../src/writer/base-writer.js';
import {writerMeta} from '../../src/testing/writer-calls.js';
import {writerContract} from '../../src/testing/writer-contract.js';

class LeastWriter extends BaseWriter {
  readonly chunks: Uint8Array[] = [];
  closed = false;

  append(chunk: Uint8Array): void {
    this.chunks.push(chunk);
  }

  close(): void {
    this.closed = true;
  }
}

describe('BaseWriter', () => {
  it('is complete with append and close', async () => {
    const writer = new LeastWriter();
    await writer.open(writerMeta(3));
    writer.append(Buffer.from('abc'));
    writer.close();
    await writer.discard({error: new Cancelled()});
    expect(Buffer.concat(writer.chunks).toString()).to.equal('abc');
  });

  it('promises nothing that a subclass might not keep', () => {
    const writer = new LeastWriter();
    expect(writer.abilities).to.deep.equal({rewind: false, resume: false, positional: false, read: false});
    expect(writer.floor).to.equal(Infinity);
  });

  writerContract({describe, it}, () => {
    const writer = new LeastWriter();
    return {writer, published: () => (writer.closed ? Buffer.concat(writer.chunks) : undefined), leftovers: () => []};
  });
});
