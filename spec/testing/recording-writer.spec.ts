import {expect} from 'chai';
import type {Reply, WriterStart} from '../../src/core/contract.js';
import {Cancelled} from '../../src/core/errors.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';

describe('RecordingWriter', () => {
  it('records the calls and keeps the bytes that were not rewound', async () => {
    const writer = new RecordingWriter();
    await writer.prepare({} as WriterStart);
    await writer.open({length: 5, offset: 0, reply: {} as Reply});
    await writer.append(Buffer.from('xx'));
    await writer.append(Buffer.from('x'));
    await writer.rewind?.(1);
    await writer.append(Buffer.from('yz'));
    await writer.close();
    await writer.discard({error: new Cancelled()});
    expect(writer.calls).to.deep.equal(['prepare', 'open 5', 'append 2', 'append 1', 'rewind 1', 'append 2', 'close', 'discard CANCELLED']);
    expect(writer.story.slice(2, 5)).to.deep.equal(['append 3', 'rewind 1', 'append 2']);
    expect(writer.text).to.equal('xyz');
    const read: Uint8Array[] = [];
    for await (const chunk of writer.read()) read.push(chunk);
    expect(Buffer.concat(read).toString()).to.equal('xyz');
  });

  it('has no rewind and a rising floor when told so, and refuses what its hook refuses', async () => {
    const writer = new RecordingWriter({rewindable: false, append: (_chunk, nth) => { if (nth === 2) throw new Error('full'); }});
    await writer.append(Buffer.from('abc'));
    const refused = await writer.append(Buffer.from('d')).catch((error: unknown) => error);
    expect(String(refused)).to.equal('Error: full');
    expect([writer.rewind, writer.floor, writer.text]).to.deep.equal([undefined, 3, 'abc']);
  });
});
