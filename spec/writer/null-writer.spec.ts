import {expect} from 'chai';
import {NullWriter} from '../../src/writer/null-writer.js';
import {writerContract} from '../../src/testing/writer-contract.js';

describe('NullWriter', () => {
  it('counts the bytes that were not rewound', () => {
    const writer = new NullWriter();
    writer.append(Buffer.alloc(10));
    writer.append(Buffer.alloc(5));
    expect(writer.bytes).to.equal(15);
    writer.rewind(4);
    writer.append(Buffer.alloc(1));
    expect(writer.bytes).to.equal(5);
  });

  writerContract({describe, it}, () => ({writer: new NullWriter(), published: () => undefined, leftovers: () => []}));
});
