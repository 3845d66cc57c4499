import type {Digests, SequenceStart, Validation} from '../core/contract.js';
import {SizeMismatch, ValidationError} from '../core/errors.js';
import {wholeNumber} from '../core/options.js';
import {enforcement, type ValidationOptions} from './validation-options.js';

/** Demands an exact number of bytes. The run refuses another announced length, and a body that grows beyond it. */
export class SizeValidation implements Validation {
  readonly proof = 'size';
  readonly size: number;
  readonly enforced: boolean;
  #digests: Digests | undefined;

  /** @param bytes how many there must be; 0 is a size @throws TypeError, RangeError naming the option */
  constructor(bytes: number, options: ValidationOptions = {}) {
    this.size = wholeNumber('bytes', bytes, 0);
    this.enforced = enforcement('SizeValidation', options);
  }

  begin({digests}: SequenceStart): void {
    this.#digests = digests;
  }

  /** @throws SizeMismatch with both sizes; ValidationError when no byte sequence was begun */
  apply(): void {
    if (this.#digests === undefined) throw new ValidationError('the size was judged before any bytes were begun');
    const {size} = this.#digests;
    if (size !== this.size) throw new SizeMismatch(`expected ${this.size} bytes, got ${size}`, this.size, size);
  }
}
