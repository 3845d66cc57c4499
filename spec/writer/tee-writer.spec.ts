import {expect} from 'chai';
import type {WriterPlan} from '../../src/core/contract.js';
import {Cancelled, TooLarge, WriterError} from '../../src/core/errors.js';
import {BufferWriter} from '../../src/writer/buffer-writer.js';
import {NullWriter} from '../../src/writer/null-writer.js';
import {TeeWriter, type TeeWriterOptions} from '../../src/writer/tee-writer.js';
import {feedWriter, readWriter, writerStart} from '../../src/testing/writer-calls.js';
import {writerContract} from '../../src/testing/writer-contract.js';
import {RecordingWriter, type RecordingWriterOptions} from '../../src/testing/recording-writer.js';

const error = new Cancelled('the spec ends it');
const OPTIONAL: TeeWriterOptions = {secondary: 'optional'};

describe('TeeWriter', () => {
  type Pair = [TeeWriter, RecordingWriter, RecordingWriter];
  const pair = (one: RecordingWriterOptions = {}, two: RecordingWriterOptions = {}, options: TeeWriterOptions = {}): Pair => {
    const [primary, secondary] = [new RecordingWriter(one), new RecordingWriter(two)];
    return [new TeeWriter(primary, secondary, options), primary, secondary];
  };
  const failing = (call: string, fault: Error = new Error('broken')): RecordingWriterOptions =>
    ({before: (at) => { if (at === call) throw fault; }, append: () => { if (call === 'append') throw fault; }});
  const caught = async (work: () => unknown): Promise<unknown> => {
    try {
      return await work();
    } catch (thrown) {
      return thrown;
    }
  };

  it('gives both the same bytes and publishes the primary first', async () => {
    const order: string[] = [];
    const note = (name: string): RecordingWriterOptions =>
      ({before: (call) => { order.push(`${name} ${call}`); }, published: {path: `/${name}`}});
    const [tee, primary, secondary] = pair(note('primary'), note('secondary'));
    await feedWriter(tee, [Buffer.from('ab'), Buffer.from('c')], 3);
    expect(await tee.close()).to.deep.equal({path: '/primary'});
    expect([primary.text, secondary.text]).to.deep.equal(['abc', 'abc']);
    expect(order).to.deep.equal(['prepare', 'open', 'close'].flatMap((call) => [`primary ${call}`, `secondary ${call}`]));
  });

  it('goes at the pace of the slower one', async () => {
    let go: () => void = () => undefined;
    const [tee] = pair({}, {append: () => new Promise<void>((resolve) => { go = resolve; })});
    await feedWriter(tee, []);
    let accepted = false;
    const appended = Promise.resolve(tee.append(Buffer.from('x'))).then(() => { accepted = true; });
    await new Promise((resolve) => { setImmediate(resolve); });
    expect(accepted).to.equal(false);
    go();
    await appended;
    expect(new TeeWriter(new NullWriter(), new NullWriter()).append(Buffer.from('x'))).to.equal(undefined);
  });

  it('can do what both can do, and goes back no further than either', async () => {
    const [able] = pair();
    expect(able.abilities).to.deep.equal({rewind: true, resume: false, positional: false, read: true});
    const [tee] = pair({}, {rewindable: false});
    await feedWriter(tee, [Buffer.from('abc')]);
    expect([tee.abilities.rewind, tee.floor]).to.deep.equal([false, 3]);
    expect(new TeeWriter(new BufferWriter(), new NullWriter()).abilities.read).to.equal(false);
    const refused = await caught(() => tee.rewind(0));
    expect(refused).to.be.instanceOf(TypeError).with.property('message', 'rewind: expected writers that can go back, got RecordingWriter');
  });

  for (const call of ['prepare', 'open', 'append', 'close']) {
    it(`fails when a required secondary fails in ${call}`, async () => {
      const [tee, , secondary] = pair({}, failing(call, new TooLarge('too large', 1)));
      const fault = await caught(async () => {
        await feedWriter(tee, [Buffer.from('x')]);
        await tee.close();
      });
      expect(fault).to.be.instanceOf(call === 'close' ? WriterError : TooLarge);
      await tee.discard({error});
      expect(secondary.calls.at(-1)).to.equal('discard CANCELLED');
    });

    it(`goes on without an optional secondary that fails in ${call}`, async () => {
      const [tee, primary, secondary] = pair({}, failing(call), OPTIONAL);
      await feedWriter(tee, [Buffer.from('a'), Buffer.from('b')]);
      await tee.close();
      expect(primary.story).to.deep.equal(['prepare', 'open ?', 'append 2', 'close']);
      expect(secondary.calls.filter((one) => one.startsWith('discard'))).to.deep.equal(['discard WRITER_FAILED']);
      expect(secondary.calls.at(-1)).to.equal('discard WRITER_FAILED');
      expect(tee.warnings.map(({message}) => message)).to.deep.equal(['a writer failed: broken']);
      expect(tee.warnings[0]).to.be.instanceOf(WriterError);
    });

    it(`fails when the primary fails in ${call}, however optional the secondary is`, async () => {
      const [tee] = pair(failing(call, new TooLarge('too large', 1)), {}, OPTIONAL);
      expect(await caught(async () => {
        await feedWriter(tee, [Buffer.from('x')]);
        await tee.close();
      })).to.be.instanceOf(TooLarge);
    });
  }

  it('says that the primary is in place when the secondary fails after it, or a cancel comes', async () => {
    const [tee] = pair({published: {path: '/f'}}, failing('close', new TooLarge('too large', 1)));
    await feedWriter(tee, []);
    const message = '/f is in place (the primary), but the secondary is not: too large';
    expect(await caught(() => tee.close())).to.be.instanceOf(WriterError).that.includes({message, path: '/f'});
    const [cut, , secondary] = pair({published: {path: '/f'}});
    await feedWriter(cut, []);
    const closing = caught(() => cut.close());
    await cut.discard({error});
    expect(await closing).to.be.instanceOf(Cancelled).with.property('message').that.contains('/f is in place');
    expect(secondary.calls).not.to.include('close');
  });

  it('regains the abilities of the primary once an optional secondary is dropped', async () => {
    const [tee, primary] = pair({}, {rewindable: false, append: (_chunk, nth) => { if (nth === 2) throw new Error('gone'); }}, OPTIONAL);
    await feedWriter(tee, [Buffer.from('a')]);
    expect(tee.floor).to.equal(1);
    await tee.append(Buffer.from('b'));
    expect([tee.floor, tee.abilities.rewind]).to.deep.equal([0, true]);
    await tee.rewind(0);
    expect(primary.text).to.equal('');
  });

  it('gives a chunk to the secondary even when the primary fails, and leaves no rejection unhandled', async () => {
    const throwing = (message: string): RecordingWriterOptions => ({append: async () => { throw new Error(message); }});
    const [tee, , secondary] = pair(throwing('one'), throwing('two'));
    await feedWriter(tee, []);
    expect(await caught(() => tee.append(Buffer.from('x')))).to.have.property('message', 'one');
    expect(secondary.calls.at(-1)).to.equal('append 1');
  });

  it('discards both even when one of them fails at it', async () => {
    const [tee, , secondary] = pair(failing('discard'));
    expect(await caught(() => tee.discard({error}))).to.have.property('message', 'broken');
    expect(secondary.calls).to.deep.equal(['discard CANCELLED']);
  });

  describe('with content that exists', () => {
    const keep: WriterPlan = {existing: 'keep', path: '/kept', size: 3};
    const existing = Buffer.from('old');

    it('spares the download only if both keep theirs', async () => {
      const [both] = pair({plan: keep, existing}, {plan: {existing: 'keep'}});
      expect(await both.prepare(writerStart())).to.equal(keep);
      expect((await readWriter(both)).toString()).to.equal('old');
      for (const plan of [undefined, {existing: 'same'}] as const) {
        const [tee] = pair({plan: keep}, plan === undefined ? {} : {plan});
        expect(await tee.prepare(writerStart())).to.equal(undefined);
      }
      const [same] = pair({plan: {existing: 'same'}}, {plan: {existing: 'same'}});
      expect(await same.prepare(writerStart())).to.equal(undefined);
    });

    it('gives the bytes only to the side that has none', async () => {
      for (const kept of [0, 1]) {
        const published = {path: '/new'};
        const [tee, ...sides] = pair(kept === 0 ? {plan: keep} : {published}, kept === 1 ? {plan: keep} : {published});
        await feedWriter(tee, [Buffer.from('new')]);
        expect((await readWriter(tee)).toString()).to.equal('new');
        expect(await tee.close()).to.deep.equal({path: '/new'});
        expect(sides[kept]?.calls).to.deep.equal(['prepare']);
        expect(sides[1 - kept]?.story).to.deep.equal(['prepare', 'open ?', 'append 3', 'close']);
      }
    });

    it('keeps when only an optional secondary that fails would have wanted the bytes', async () => {
      const [tee] = pair({plan: keep}, failing('prepare'), OPTIONAL);
      expect(await tee.prepare(writerStart())).to.equal(keep);
      expect(tee.warnings.length).to.equal(1);
    });
  });

  it('names the option that is wrong', () => {
    const writer = new NullWriter();
    expect(() => new TeeWriter(writer, writer)).to.throw(TypeError, 'secondary: expected another Writer');
    expect(() => new TeeWriter(undefined as unknown as NullWriter, writer)).to.throw(TypeError, 'primary');
    const perhaps = {secondary: 'perhaps'} as unknown as TeeWriterOptions;
    expect(() => new TeeWriter(writer, new NullWriter(), perhaps)).to.throw(TypeError, 'secondary');
    expect(() => new TeeWriter(writer, new NullWriter(), {mode: 1} as TeeWriterOptions)).to.throw(TypeError, "unknown option 'mode'");
  });

  writerContract({describe, it}, () => {
    const [one, two] = [new BufferWriter(), new BufferWriter()];
    const writer = new TeeWriter(one, two);
    const content = (buffer: BufferWriter): Buffer | undefined => {
      try {
        return buffer.content();
      } catch {
        return undefined;
      }
    };
    return {writer, leftovers: () => [], published: () => {
      const [first, second] = [content(one), content(two)];
      expect(first === undefined ? second : second && Buffer.compare(first, second)).to.equal(first && 0);
      return first;
    }};
  });
});
