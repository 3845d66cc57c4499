import {expect} from 'chai';
import type {SequenceStart, Validation} from '../../src/core/contract.js';
import {MismatchError, ValidationError} from '../../src/core/errors.js';
import {validationContract, type ValidationSubject} from '../../src/testing/validation-contract.js';
import {failuresOf} from './collected-tests.js';

const ACCEPTS = 'accepts the bytes that it was made for, however they are cut into chunks';
const REFUSES = 'refuses what it must, however it is cut into chunks, and proves what it says';
const FORGETS = 'forgets everything at begin, whatever came before';
const UNBEGUN = 'says no instead of yes when no byte sequence was ever begun';

/** Wants exactly these bytes; good, until a subclass spoils it. */
class SameBytes implements Validation {
  readonly proof = 'digest';
  protected seen: Buffer[] | undefined;

  constructor(protected readonly wanted: Uint8Array, readonly options: {enforced?: boolean} = {}) {}

  get enforced(): boolean {
    return this.options.enforced ?? true;
  }

  begin(_start: SequenceStart): void {
    this.seen = [];
  }

  update(chunk: Uint8Array): void {
    this.seen?.push(Buffer.from(chunk));
  }

  apply(): void {
    if (this.seen === undefined) throw new ValidationError('nothing was begun');
    if (!Buffer.concat(this.seen).equals(this.wanted)) throw new MismatchError('other bytes', 'these', 'those');
  }
}

type Made = new (bytes: Uint8Array, options?: {enforced?: boolean}) => Validation;

function failures(Class: Made, more: Partial<ValidationSubject> = {}): Promise<string[]> {
  return failuresOf((test) => { validationContract(test, {name: 'x', make: (bytes, options) => new Class(bytes, options), ...more}); });
}

describe('validationContract', () => {
  it('finds nothing in a good one', async () => {
    expect(await failures(SameBytes)).to.deep.equal([]);
  });

  it('wants to be shown what one without a proof refuses', async () => {
    class Unproven extends SameBytes {
      override readonly proof = undefined as unknown as 'digest';
    }
    expect(await failures(Unproven)).to.include(REFUSES);
    const accepted = [Buffer.from('PK\u0003\u0004')];
    expect(await failures(Unproven, {accepted, refused: () => [Buffer.from('<html>')]})).to.deep.equal([]);
  });

  const spoilt: Record<string, {Class: Made; fails: string[]}> = {
    'one that accepts everything': {Class: class extends SameBytes { override apply(): void { /* fine! */ } }, fails: [REFUSES, UNBEGUN]},
    'one that refuses everything': {
      Class: class extends SameBytes { override apply(): void { throw new ValidationError('no'); } },
      fails: [ACCEPTS],
    },
    'one that remembers': {
      Class: class extends SameBytes { override begin(): void { this.seen ??= []; } },
      fails: [FORGETS],
    },
    'one that reads the first chunk only': {
      Class: class extends SameBytes {
        override update(chunk: Uint8Array): void { if (this.seen?.length === 0) super.update(chunk); }
      },
      fails: [ACCEPTS],
    },
    'one that throws something else': {
      Class: class extends SameBytes {
        override apply(): void { if (!Buffer.concat(this.seen ?? []).equals(this.wanted)) throw new RangeError('no'); }
      },
      fails: [REFUSES, UNBEGUN],
    },
    'one that is always enforced': {
      Class: class extends SameBytes { override get enforced(): boolean { return true; } },
      fails: ['is enforced unless told otherwise'],
    },
    'one that does not judge when it only warns': {
      Class: class extends SameBytes { override apply(): void { if (this.enforced) super.apply(); } },
      fails: ['still judges when not enforced, and leaves the rest to the run'],
    },
    'one that changes the chunks': {
      Class: class extends SameBytes {
        override update(chunk: Uint8Array): void {
          super.update(chunk);
          chunk.fill(0);
        }
      },
      fails: ['does not change the chunks'],
    },
    'one that demands another size': {
      Class: class extends SameBytes { readonly size = 7; },
      fails: ['demands the size of the bytes that it was made for, if it names one'],
    },
  };

  for (const [what, {Class, fails}] of Object.entries(spoilt)) {
    it(`finds ${what}`, async () => {
      expect(await failures(Class)).to.include.members(fails);
    });
  }
});
