import {expect} from 'chai';
import {createServer, request} from 'node:http';
import type {AddressInfo} from 'node:net';
import {once} from 'node:events';
import {PassThrough, Writable} from 'node:stream';
import {Cancelled, WriterError} from '../../src/core/errors.js';
import {StreamWriter, type StreamWriterOptions} from '../../src/writer/stream-writer.js';
import {patterned, split} from '../../src/testing/bytes.js';
import {feedWriter, writerStart} from '../../src/testing/writer-calls.js';
import {writerContract} from '../../src/testing/writer-contract.js';

const EVENTS = ['error', 'close', 'drain', 'finish'];
const error = new Cancelled('the spec ends it');

/** A stream that takes a chunk each time the spec (or nobody) lets it. */
class Sink extends Writable {
  readonly chunks: Buffer[] = [];
  readonly #held: (() => void)[] = [];

  constructor(readonly hold = false, highWaterMark = 16) {
    super({highWaterMark});
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(Buffer.from(chunk));
    if (this.hold) this.#held.push(done);
    else setImmediate(done);
  }

  async release(): Promise<void> {
    this.#held.shift()?.();
    await turn();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve); });
}

function listeners(stream: Writable): string[] {
  return EVENTS.filter((name) => stream.listenerCount(name) > 0).map((name) => `${name} ${stream.listenerCount(name)}`);
}

describe('StreamWriter', () => {
  it('waits for a stream that is full', async () => {
    const sink = new Sink(true);
    const writer = new StreamWriter(sink);
    await feedWriter(writer, []);
    expect(writer.append(Buffer.alloc(8))).to.equal(undefined);
    let accepted = false;
    const full = Promise.resolve(writer.append(Buffer.alloc(8))).then(() => { accepted = true; });
    await sink.release();
    expect(accepted).to.equal(false);
    await sink.release();
    await full;
    expect(writer.floor).to.equal(16);
    writer.discard({error});
  });

  it('ends the stream and waits until everything is written', async () => {
    const sink = new Sink(true);
    const writer = new StreamWriter(sink);
    await feedWriter(writer, [Buffer.from('abc')]);
    let closed = false;
    const closing = writer.close().then(() => { closed = true; });
    await turn();
    expect([closed, sink.writableEnded]).to.deep.equal([false, true]);
    await sink.release();
    await closing;
    expect(sink.bytes.toString()).to.equal('abc');
    expect(listeners(sink)).to.deep.equal([]);
  });

  it('leaves the stream open with end: false, after everything is written', async () => {
    const sink = new Sink(true, 100);
    const writer = new StreamWriter(sink, {end: false});
    await feedWriter(writer, [Buffer.from('abc'), Buffer.from('def')]);
    let closed = false;
    const closing = writer.close().then(() => { closed = true; });
    await sink.release();
    expect(closed).to.equal(false);
    await sink.release();
    await closing;
    expect([sink.writableEnded, sink.destroyed, sink.bytes.toString()]).to.deep.equal([false, false, 'abcdef']);
    const failing = new StreamWriter(sink, {end: false});
    await feedWriter(failing, []);
    failing.discard({error});
    expect([sink.writableEnded, sink.destroyed, listeners(sink)]).to.deep.equal([false, false, []]);
  });

  it('destroys the stream with the error when it fails, and ends no process by that', async () => {
    const sink = new Sink();
    const writer = new StreamWriter(sink);
    await feedWriter(writer, [Buffer.from('half')]);
    writer.discard({error});
    await turn();
    expect(sink.errored).to.equal(error);
    expect(sink.writableFinished).to.equal(false);
    expect(listeners(sink)).to.deep.equal([]);
  });

  it('fails with the error of the stream, at once or while it waits', async () => {
    for (const waiting of [true, false]) {
      const sink = new Sink(true);
      const writer = new StreamWriter(sink);
      await feedWriter(writer, [Buffer.alloc(4)]);
      const appended = waiting ? Promise.resolve(writer.append(Buffer.alloc(100))) : undefined;
      appended?.catch(() => undefined);
      sink.destroy(Object.assign(new Error('write EPIPE'), {code: 'EPIPE'}));
      await turn();
      const fault = await (appended ?? (async () => writer.append(Buffer.alloc(1)))()).catch((thrown: unknown) => thrown);
      expect(fault).to.be.instanceOf(WriterError).that.includes({class: 'local', message: 'the stream failed: write EPIPE'});
      expect(((fault as WriterError).cause as NodeJS.ErrnoException).code).to.equal('EPIPE');
      expect(await writer.close().catch((thrown: unknown) => thrown)).to.equal(fault);
      writer.discard({error});
      expect(listeners(sink)).to.deep.equal([]);
    }
  });

  it('fails when the stream closes or is ended by somebody else', async () => {
    const closed = new Sink();
    const writer = new StreamWriter(closed);
    await feedWriter(writer, [Buffer.alloc(4)]);
    closed.destroy();
    await once(closed, 'close');
    expect(() => writer.append(Buffer.alloc(1))).to.throw(WriterError, 'the stream was closed after 4 bytes, before its end');
    const ended = new Sink();
    const second = new StreamWriter(ended);
    await feedWriter(second, []);
    ended.end();
    await once(ended, 'finish');
    expect(await second.close().catch((thrown: unknown) => (thrown as Error).message)).to.equal('the stream was ended by somebody else');
    second.discard({error});
    expect(listeners(ended)).to.deep.equal([]);
  });

  it('ends no process by an error that the stream tells only after the discard', async () => {
    const sink = new Sink();
    const writer = new StreamWriter(sink);
    await feedWriter(writer, []);
    sink.destroy(new Error('late'));
    writer.discard({error});
    await turn();
    expect([sink.errored?.message, listeners(sink)]).to.deep.equal(['late', []]);
  });

  it('refuses a stream that takes nothing any more before a byte moves', async () => {
    const destroyed = new Sink().destroy();
    const ended = new Sink().end();
    for (const sink of [destroyed, ended]) {
      expect(() => { new StreamWriter(sink).prepare(writerStart()); }).to.throw(WriterError, 'the stream is closed already');
      expect(() => { new StreamWriter(sink).open(); }).to.throw(WriterError, 'the stream is closed already');
      expect(listeners(sink)).to.deep.equal([]);
    }
    await turn();
  });

  it('keeps as many listeners over 10,000 chunks as over one', async () => {
    const sink = new Sink(false, 1);
    const writer = new StreamWriter(sink);
    await feedWriter(writer, []);
    const before = listeners(sink);
    let most = 0;
    for (let n = 0; n < 10_000; n++) {
      await writer.append(Buffer.from('x'));
      most = Math.max(most, sink.listenerCount('drain'), sink.listenerCount('error'), sink.listenerCount('close'));
    }
    expect(listeners(sink)).to.deep.equal(before);
    expect(most).to.equal(1);
    await writer.close();
    expect(sink.bytes.length).to.equal(10_000);
    expect(listeners(sink)).to.deep.equal([]);
  });

  it('makes a client of an HTTP response see that half a body is not whole', async () => {
    const server = createServer((_request, response) => {
      const writer = new StreamWriter(response);
      void feedWriter(writer, [patterned(5000)]).then(() => setTimeout(() => { writer.discard({error}); }, 5));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const asked = request({port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false}).end();
    const [response] = await once(asked, 'response') as [NodeJS.ReadableStream];
    const read = async (): Promise<string> => {
      for await (const _chunk of response);
      return 'whole';
    };
    const end = await read().catch((thrown: unknown) => (thrown as NodeJS.ErrnoException).code);
    server.close();
    expect(end).to.equal('ECONNRESET');
  });

  it('names the option that is wrong', () => {
    for (const stream of [undefined, null, {}, 'stdout']) expect(() => new StreamWriter(stream as Writable)).to.throw(TypeError, 'stream');
    expect(() => new StreamWriter(new Sink(), {end: 'yes'} as unknown as StreamWriterOptions)).to.throw(TypeError, 'end');
    expect(() => new StreamWriter(new Sink(), {close: true} as StreamWriterOptions)).to.throw(TypeError, "unknown option 'close'");
  });

  writerContract({describe, it}, () => {
    const through = new PassThrough();
    const chunks: Buffer[] = [];
    through.on('data', (chunk: Buffer) => { chunks.push(Buffer.from(chunk)); });
    const own = new Set(EVENTS.flatMap((name) => through.listeners(name)));
    const writer = new StreamWriter(through);
    return {
      writer, released: true,
      published: () => (through.writableFinished ? Buffer.concat(chunks) : undefined),
      leftovers: async () => {
        await turn();
        return EVENTS.filter((name) => through.listeners(name).some((one) => !own.has(one)));
      },
      breakClose: () => { through.end = () => through.destroy(new Error('broken')); },
    };
  }, {breakable: true});

  it('passes everything on in order', async () => {
    const sink = new Sink(false, 1000);
    const writer = new StreamWriter(sink);
    await feedWriter(writer, split(patterned(50_000), 777));
    await writer.close();
    expect(sink.bytes.equals(patterned(50_000))).to.equal(true);
  });
});
