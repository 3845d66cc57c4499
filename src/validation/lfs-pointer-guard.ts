import {MismatchError} from '../core/errors.js';
import {HeadValidation} from './head-validation.js';
import {enforcement, type ValidationOptions} from './validation-options.js';

/** The first line of a pointer begins with one of these: today's, and that of the first releases. */
const POINTERS = ['version https://git-lfs.github.com/spec/', 'version https://hawser.github.com/spec/'].map((text) => Buffer.from(text));
const REACH = Math.max(...POINTERS.map(({length}) => length));

/**
 * Refuses a Git LFS pointer: the three lines that a server without LFS gives in place of the content (docs/spec.md of
 * git-lfs).
 */
export class LfsPointerGuard extends HeadValidation {
  /** @throws TypeError naming the option */
  constructor(options: ValidationOptions = {}) {
    super(enforcement('LfsPointerGuard', options), REACH);
  }

  protected override look(head: Uint8Array): boolean {
    for (const pointer of POINTERS) {
      if (head.length >= pointer.length && pointer.equals(head.subarray(0, pointer.length))) {
        throw new MismatchError('expected the file itself, got a Git LFS pointer to it', 'the file itself', 'a Git LFS pointer');
      }
    }
    return !POINTERS.some((pointer) => pointer.subarray(0, head.length).equals(head));
  }
}
