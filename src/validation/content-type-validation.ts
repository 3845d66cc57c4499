import type {SequenceStart, Validation} from '../core/contract.js';
import {MismatchError, ValidationError} from '../core/errors.js';
import {misuse} from '../core/options.js';
import {show} from '../core/redact.js';
import {isMediaRange, mediaTypeOf} from './media-type.js';
import {enforcement, truth, type ValidationOptions} from './validation-options.js';

/** How a ContentTypeValidation is made. */
export interface ContentTypeOptions extends ValidationOptions {
  /** `true`: a reply without Content-Type is refused, and so are bytes that come without a reply. @default false */
  required?: boolean | undefined;
}

/**
 * Demands one of several media types (RFC 9110, 8.3.1), at the headers. Parameters and case don't matter. A server says
 * what it likes: to know what the bytes are, look at them with MagicValidation.
 *
 * @example download.append(new ContentTypeValidation(['application/gzip', 'image/*']));
 */
export class ContentTypeValidation implements Validation {
  /** What is acceptable, in lower case. */
  readonly accepted: readonly string[];
  readonly enforced: boolean;
  readonly required: boolean;
  #begun = false;

  /** @param accepted `type/subtype` or `type/*`, one or several @throws TypeError naming the option */
  constructor(accepted: string | readonly string[], options: ContentTypeOptions = {}) {
    this.enforced = enforcement('ContentTypeValidation', options, ['required']);
    this.required = truth('required', options.required, false);
    const given: readonly unknown[] = Array.isArray(accepted) ? accepted as readonly unknown[] : [accepted];
    if (given.length === 0) throw misuse('accepted', accepted, 'at least one media type');
    this.accepted = Object.freeze(given.map(acceptable));
  }

  /** @throws MismatchError when another type is told, or none and one is required */
  begin({reply}: SequenceStart): void {
    this.#begun = false;
    const field = reply?.headers['content-type'];
    const type = field === undefined ? undefined : mediaTypeOf(field);
    const good = type === undefined ? !this.required : this.accepted.some((one) => covers(one, type));
    if (!good) {
      const expected = this.accepted.join(' or ');
      const actual = type === undefined ? 'none' : show(type);
      throw new MismatchError(`Content-Type: expected ${expected}, got ${actual}`, expected, actual);
    }
    this.#begun = true;
  }

  /** @throws ValidationError when no byte sequence was begun, or its type was refused */
  apply(): void {
    if (!this.#begun) throw new ValidationError('the Content-Type was judged before any bytes were begun');
  }
}

function acceptable(given: unknown): string {
  const type = typeof given === 'string' ? given.trim().toLowerCase() : '';
  if (!isMediaRange(type)) throw misuse('accepted', given, 'a media type such as application/gzip or image/*, without parameters');
  return type;
}

function covers(accepted: string, type: string): boolean {
  if (!accepted.endsWith('/*')) return type === accepted;
  const beginning = accepted.slice(0, -1);
  return type.startsWith(beginning) && type !== beginning;
}
