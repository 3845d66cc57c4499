import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import {Interrupted, ProtocolError, WriterError} from '../../src/core/errors.js';
import {Event} from '../../src/core/event.js';
import type {Attempt} from '../../src/download/attempt.js';
import {BaseWriter} from '../../src/writer/base-writer.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {FakeDownload, type Play, type Scene} from '../../src/testing/fake-download.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {Moment} from '../../src/testing/moment.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';
import {Timeline} from '../support/timeline.js';

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

/** The least a writer is. */
class LeastWriter extends BaseWriter {
  text = '';
  append(chunk: Uint8Array): void { this.text += Buffer.from(chunk).toString(); }
  close(): void { this.text += '.'; }
}

/** What `attempt.accept` is given by a protocol that puts the bytes into the writer itself. */
const HEAD = {status: 200, headers: {}, hops: [], url: 'http://h.example/file', validators: {}, offset: 0, framing: 'length'} as const;

describe('pump', () => {
  let context: Context;
  beforeEach(() => { context = new Context(); });
  afterEach(() => context.close());

  it('starts the append, shows the chunk to the validations, awaits the append, tells FETCHED, and only then pulls on', async () => {
    const timeline = new Timeline();
    const gates = [new Moment(), new Moment()];
    const writer = timeline.writer({append: async (_chunk, nth) => {
      await gates[nth - 1]?.reached;
      timeline.note(`accepted ${nth}`);
    }});
    const pulled = (name: string) => (): void => { timeline.note(`pulled ${name}`); };
    const chunks = [pulled('a'), 'a', pulled('b'), 'b', pulled('end')];
    const download = new FakeDownload({context, writer, script: [{length: 2, chunks}]});
    download.append({update: () => { timeline.note('update'); }, apply: () => undefined});
    download.register(Event.FETCHED, () => { timeline.note('FETCHED'); });
    const run = download.run();
    for (const gate of gates) {
      for (let turns = 0; turns < 5; turns++) await turn();
      timeline.note('—');
      gate.reach();
    }
    await run;
    expect(timeline.lines.slice(2, -1)).to.deep.equal([
      'pulled a', 'append 1', 'update', '—', 'accepted 1', 'FETCHED',
      'pulled b', 'append 1', 'update', '—', 'accepted 2', 'FETCHED', 'pulled end',
    ]);
  });

  it('works with a writer that overrides only append and close', async () => {
    const writer = new LeastWriter();
    await new FakeDownload({context, writer}).run();
    expect(writer.text).to.equal('hello.');
  });

  it('calls a body cut that is shorter than announced', async () => {
    const error = await faultOf(new FakeDownload({context, retries: 0, script: [{length: 7, chunks: ['hello']}]}).run());
    expect(error).to.be.instanceOf(Interrupted).and.include({expected: 7, actual: 5, class: 'transient'});
  });

  it('refuses surplus bytes before they reach the writer', async () => {
    const writer = new RecordingWriter();
    const download = new FakeDownload({context, writer, retries: 0, script: [{length: 5, chunks: ['hello', 'more']}]});
    const error = await faultOf(download.run());
    expect(error).to.be.instanceOf(ProtocolError);
    expect(error.message).to.equal('the body goes on after the 5 bytes announced: http://h.example/file');
    expect(writer.calls).to.deep.equal(['prepare', 'open 5', 'append 5', 'discard PROTOCOL_ERROR']);
    expect(download.openBodies).to.equal(0);
  });

  it('takes an empty body, announced or not', async () => {
    for (const play of [{chunks: []}, {framing: 'chunked' as const, chunks: []}]) {
      const writer = new RecordingWriter();
      const download = new FakeDownload({context, writer, script: [play]});
      download.append(new DigestValidation('md5', 'd41d8cd98f00b204e9800998ecf8427e'));
      expect((await download.run()).facts.size).to.equal(0);
      expect(writer.calls.at(-1)).to.equal('close');
    }
  });

  it('takes whatever a writer throws or rejects with for a fault of this machine', async () => {
    for (const append of [() => { throw new Error('full'); }, () => Promise.reject(new Error('full'))]) {
      const error = await faultOf(new FakeDownload({context, writer: new RecordingWriter({append})}).run());
      expect(error).to.be.instanceOf(WriterError).and.include({message: 'the writer failed: full', class: 'local'});
    }
  });

  it('shows the validations once what the protocol wrote into the writer itself', async () => {
    const timeline = new Timeline();
    const writer = timeline.writer();
    const play = async (attempt: Attempt): Promise<{body: false; length: number}> => {
      await (await attempt.accept({...HEAD, length: 5})).append(Buffer.from('hello'));
      return {body: false, length: 5};
    };
    const download = new FakeDownload({context, writer, script: [play]});
    download.append(timeline.validation());
    timeline.watch(download);
    const {facts, attempts} = await download.run();
    expect(timeline.lines).to.deep.equal([
      'PREPARED', 'writer.prepare', 'SENT 1', 'REPLIED 1 200', 'writer.open', 'begin @0', 'append 5', 'update 5', 'apply', 'writer.close',
      'SUCCEEDED fetched',
    ]);
    expect([facts.size, attempts[0]?.bytes]).to.deep.equal([5, 5]);
  });

  it('holds what was written there to the announced length and to maxBytes', async () => {
    const run = async (play: Pick<Play, 'length' | 'framing'>, maxBytes?: number): Promise<string> => {
      const writer = new RecordingWriter();
      const script: Scene[] = [async (attempt) => {
        await (await attempt.accept({...HEAD, ...play, framing: play.framing ?? 'length'})).append(Buffer.from('hello'));
        return {...play, body: false};
      }];
      return (await faultOf(new FakeDownload({context, retries: 0, writer, maxBytes, script}).run())).message;
    };
    expect([await run({length: 6}), await run({framing: 'chunked'}, 4)]).to.deep.equal([
      'the body ended after 5 of 6 bytes: http://h.example/file',
      'expected at most 4 bytes (maxBytes), got at least 5: http://h.example/file',
    ]);
  });

  it('takes a reply without a body for an empty one, even when the writer cannot be read', async () => {
    const writer = new LeastWriter();
    const {facts} = await new FakeDownload({context, writer, script: [{status: 204, body: false, framing: 'none'}]}).run();
    expect([writer.text, facts.size]).to.deep.equal(['.', 0]);
  });
});
