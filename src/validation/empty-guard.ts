import type {Digests, SequenceStart, Validation} from '../core/contract.js';
import {MismatchError, ValidationError} from '../core/errors.js';
import {enforcement, type ValidationOptions} from './validation-options.js';

/** Refuses a file of no bytes: at the headers when they announce it, else at the end. */
export class EmptyGuard implements Validation {
  readonly enforced: boolean;
  #digests: Digests | undefined;

  /** @throws TypeError naming the option */
  constructor(options: ValidationOptions = {}) {
    this.enforced = enforcement('EmptyGuard', options);
  }

  /** @throws MismatchError when an empty body is announced */
  begin({digests, reply}: SequenceStart): void {
    this.#digests = undefined;
    if (reply?.length === 0 && reply.offset === 0) refuse();
    this.#digests = digests;
  }

  /** @throws MismatchError; ValidationError when no byte sequence was begun */
  apply(): void {
    if (this.#digests === undefined) throw new ValidationError('the size was judged before any bytes were begun');
    if (this.#digests.size === 0) refuse();
  }
}

function refuse(): never {
  throw new MismatchError('expected a file with content, got an empty one', 'at least 1 byte', '0 bytes');
}
