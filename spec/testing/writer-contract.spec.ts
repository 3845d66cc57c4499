import {expect} from 'chai';
import type {DownloadError} from '../../src/core/errors.js';
import {BaseWriter} from '../../src/writer/base-writer.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';
import {writerContract, type WriterSubject} from '../../src/testing/writer-contract.js';
import {failuresOf} from './collected-tests.js';

/** Keeps the bytes until it is closed; good, until a subclass spoils it. */
class Keeping extends RecordingWriter {
  result: Buffer | undefined;
  files: string[] = [];
  breaks = false;

  override async close(): Promise<object> {
    if (this.breaks) throw new Error('close failed');
    this.result = Buffer.from(this.bytes);
    return super.close();
  }

  get subject(): WriterSubject {
    return {writer: this, published: () => this.result, leftovers: () => this.files, breakClose: () => { this.breaks = true; }};
  }
}

function failures(make: () => Keeping): Promise<string[]> {
  return failuresOf((test) => { writerContract(test, () => make().subject, {breakable: true}); });
}

describe('writerContract', () => {
  it('finds nothing in a good one', async function test() {
    this.timeout(30_000);
    expect(await failures(() => new Keeping())).to.deep.equal([]);
  });

  const spoilt: Record<string, {make: () => Keeping; fails: string[]}> = {
    'one that loses a chunk': {
      make: () => new class extends Keeping {
        override append(chunk: Uint8Array): Promise<void> { return chunk.byteLength === 1460 ? Promise.resolve() : super.append(chunk); }
      }(),
      fails: ['publishes exactly the bytes of a body, announced'],
    },
    'one that changes the chunks': {
      make: () => new class extends Keeping {
        override async append(chunk: Uint8Array): Promise<void> {
          await super.append(chunk);
          chunk.fill(0);
        }
      }(),
      fails: ['does not change the chunks'],
    },
    'one that says it can go back, and does not': {
      make: () => new class extends Keeping { override readonly rewind = async (): Promise<void> => undefined; }(),
      fails: ['takes other bytes after a rewind, if it can go back'],
    },
    'one without the method of its ability': {
      make: () => new class extends Keeping {
        override readonly abilities = {rewind: true, read: true, positional: true, resume: false};
      }(),
      fails: ['has the methods of its abilities'],
    },
    'one whose floor does not rise': {
      make: () => new class extends Keeping { override get floor(): number { return 0; } }({rewindable: false}),
      fails: ['takes other bytes after a rewind, if it can go back'],
    },
    'one that leaves a file': {
      make: () => new class extends Keeping {
        override async open(...given: Parameters<Keeping['open']>): Promise<void> {
          this.files.push('.part');
          return super.open(...given);
        }

        override async close(): Promise<object> {
          const published = await super.close();
          this.files = [];
          return published;
        }
      }(),
      fails: ['leaves nothing when it is discarded before any byte, once or twice', 'can be discarded while an append is under way',
        'leaves nothing when it is discarded after a close that failed'],
    },
    'one that publishes what is discarded': {
      make: () => new class extends Keeping {
        override async discard(end: {readonly error: DownloadError}): Promise<void> {
          this.result = this.bytes;
          return super.discard(end);
        }
      }(),
      fails: ['leaves nothing when it is discarded after a few bytes, once or twice', 'can be discarded before it was prepared or opened'],
    },
    'one that can be discarded only once': {
      make: () => new class extends Keeping {
        #gone = false;
        override async discard(end: {readonly error: DownloadError}): Promise<void> {
          if (this.#gone) throw new Error('it is gone already');
          this.#gone = true;
          return super.discard(end);
        }
      }(),
      fails: ['leaves nothing when it is discarded after a few bytes, once or twice'],
    },
  };

  for (const [what, {make, fails}] of Object.entries(spoilt)) {
    it(`finds ${what}`, async function test() {
      this.timeout(30_000);
      expect(await failures(make)).to.include.members(fails);
    });
  }

  it('accepts one that has append and close only', async () => {
    const names = await failuresOf((test) => { writerContract(test, () => {
      const seen: Uint8Array[] = [];
      let result: Buffer | undefined;
      class Small extends BaseWriter {
        append(chunk: Uint8Array): void { seen.push(chunk); }
        close(): void { result = Buffer.concat(seen); }
      }
      return {writer: new Small(), published: () => result, leftovers: () => []};
    }); });
    expect(names).to.deep.equal([]);
  });
});
