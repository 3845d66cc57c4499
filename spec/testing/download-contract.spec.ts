import {expect} from 'chai';
import type {Reply} from '../../src/core/contract.js';
import {Interrupted, NotFound} from '../../src/core/errors.js';
import type {Attempt} from '../../src/download/attempt.js';
import {Download} from '../../src/download/download.js';
import type {DownloadOptions} from '../../src/download/download-options.js';
import {downloadContract} from '../../src/testing/download-contract.js';
import type {SourceFault, TestSource} from '../../src/testing/download-stage.js';
import {silence} from '../../src/testing/fake-download.js';
import {split} from '../../src/testing/bytes.js';
import {CollectedTests, failuresOf} from './collected-tests.js';

const sources = new Map<string, TestSource>();

/** A protocol as a plugin author may write it: good, until a subclass spoils it. */
class MemoryDownload extends Download {
  protected override async send(attempt: Attempt): Promise<Reply> {
    const {url} = attempt;
    const {bytes, fault} = sources.get(url) as TestSource;
    const base = {headers: {}, hops: [{url, status: 200}], url, validators: {}, offset: 0} as const;
    if (fault === 'missing') {
      return {...base, status: 404, framing: 'none', fault: new NotFound(`nothing at ${url}`, {status: 404}, {url})};
    }
    return {...base, status: 200, framing: 'length', length: bytes.byteLength, body: this.bodyOf(attempt, bytes, fault)};
  }

  protected async *bodyOf(attempt: Attempt, bytes: Uint8Array, fault: SourceFault | undefined): AsyncGenerator<Uint8Array> {
    const half = bytes.byteLength >> 1;
    const stops = fault === 'silent' || (fault === 'cut' && attempt.number === 1);
    yield* split(stops ? bytes.subarray(0, half) : bytes, 65_536);
    if (fault === 'silent') await silence(attempt);
    if (stops) throw new Interrupted('the line broke', bytes.byteLength, half);
  }
}

async function *page(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('there is no such file');
}

type Made = new (options: DownloadOptions) => Download;

function failures(Class: Made, faults?: readonly SourceFault[], leftovers?: () => string[]): Promise<string[]> {
  return failuresOf((test) => { downloadContract(test, {
    name: 'a spoilt one', faults, patience: 0, ...leftovers && {leftovers},
    make: (source, given) => {
      const url = `memory://host/${sources.size + 1}`;
      sources.set(url, source);
      return new Class({...given, url});
    },
  }); });
}

/** The replies of a good one, changed. */
function replying(change: (reply: Reply, source: TestSource) => Partial<Reply>): typeof MemoryDownload {
  return class extends MemoryDownload {
    protected override async send(attempt: Attempt): Promise<Reply> {
      const reply = await super.send(attempt);
      return {...reply, ...change(reply, sources.get(attempt.url) as TestSource)};
    }
  };
}

describe('downloadContract', () => {
  it('finds nothing in a good one', async () => {
    expect(await failures(MemoryDownload)).to.deep.equal([]);
  });

  it('leaves out what a source can\'t do', () => {
    const tests = new CollectedTests();
    downloadContract(tests, {name: 'x', faults: ['cut'], make: () => { throw new Error('not asked'); }});
    expect(tests.names.filter((name) => /missing|cut|nothing c/.test(name))).to.have.length(2);
  });

  const spoilt: Record<string, {Class: Made; fails: string[]}> = {
    'one that reads into the same buffer again': {
      Class: class extends MemoryDownload {
        protected override async *bodyOf(...given: Parameters<MemoryDownload['bodyOf']>): AsyncGenerator<Uint8Array> {
          const buffer = Buffer.alloc(65_536);
          for await (const chunk of super.bodyOf(...given)) {
            buffer.set(chunk);
            yield buffer.subarray(0, chunk.byteLength);
          }
        }
      },
      fails: ['gives every chunk away: it does not change afterwards'],
    },
    'one that takes a cut for the end': {
      Class: class extends replying(() => ({length: undefined, framing: 'chunked'})) {
        protected override async *bodyOf(...given: Parameters<MemoryDownload['bodyOf']>): AsyncGenerator<Uint8Array> {
          try {
            yield* super.bodyOf(...given);
          } catch { /* it ended, didn't it? */ }
        }
      },
      fails: ['knows a cut body from a whole one', 'brings the whole after a cut, when it may try again'],
    },
    'one that brings an error page': {
      Class: replying(({fault}) => fault === undefined ? {} : {status: 200, fault: undefined, body: page()}),
      fails: ['says that a file is missing, and opens no writer'],
    },
    'one that announces too little': {
      Class: replying((_reply, {bytes}) => ({length: Math.max(0, bytes.byteLength - 1)})),
      fails: ['brings exactly the bytes of one byte, and tells them', 'announces the right length, or none', 'runs once'],
    },
    'one without a status': {Class: replying(() => ({status: 0})), fails: ['tells the events in order']},
    'one that loses the last chunk': {
      Class: class extends MemoryDownload {
        protected override async *bodyOf(attempt: Attempt, bytes: Uint8Array, fault: SourceFault | undefined): AsyncGenerator<Uint8Array> {
          yield* super.bodyOf(attempt, bytes.subarray(0, -1), fault);
        }
      },
      fails: ['brings exactly the bytes of one byte, and tells them', 'publishes what a digest proves'],
    },
    'one that needs more than options': {
      Class: class extends MemoryDownload {
        constructor(given: DownloadOptions) {
          super(given);
          if (made.has(String(given.url))) throw new Error('where is my second argument?');
          made.add(String(given.url));
        }
      },
      fails: ['clones itself: the same bytes once more, without handlers'],
    },
    'one that swallows unknown options': {
      Class: class extends MemoryDownload {
        constructor(given: DownloadOptions) {
          super(Object.fromEntries(Object.entries(given).filter(([key]) => key !== 'mispelt')) as unknown as DownloadOptions);
        }
      },
      fails: ['refuses options that it does not know, by name'],
    },
  };
  const made = new Set<string>();

  for (const [what, {Class, fails}] of Object.entries(spoilt)) {
    it(`finds ${what}`, async () => {
      expect(await failures(Class)).to.include.members(fails);
    });
  }

  it('finds one that leaves something open', async () => {
    const bodies = new Set<string>();
    class Leaking extends MemoryDownload {
      protected override async *bodyOf(...[attempt, ...rest]: Parameters<MemoryDownload['bodyOf']>): AsyncGenerator<Uint8Array> {
        bodies.clear();
        bodies.add(attempt.url);
        yield* super.bodyOf(attempt, ...rest);
        bodies.delete(attempt.url); // in a finally it would be right
      }
    }
    const found = await failures(Leaking, undefined, () => [...bodies]);
    expect(found).to.include('ends when it is cancelled in the middle').and.not.include('tells the events in order');
  });
});
