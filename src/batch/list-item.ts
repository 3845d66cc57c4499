import type {NamedDigest} from '../core/digest.js';
import type {Validation} from '../core/contract.js';
import type {UserOptions} from '../core/settings.js';
import {DigestValidation} from '../validation/digest-validation.js';
import {SizeValidation} from '../validation/size-validation.js';

/** One thing to download, as a batch list names it. Nothing in it is trusted: `name` and `folder` are relative, unchecked. */
export interface ListItem {
  /** Absolute, or relative to a base that the reader of the list knows. */
  readonly url: string;
  /** More addresses of the same bytes, in the order in which they are to be asked. */
  readonly mirrors?: readonly string[] | undefined;
  /** The file's name, perhaps with folders in front. @default made of the URL */
  readonly name?: string | undefined;
  readonly folder?: string | undefined;
  /** Of one algorithm any is good; each algorithm named is demanded. */
  readonly digests?: readonly NamedDigest[] | undefined;
  /** bytes */
  readonly size?: number | undefined;
  /** Sent to the origin of `url` only. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly user?: UserOptions | undefined;
}

/** A line of a list, from 1. */
export interface ListLine {
  readonly number: number;
  readonly text: string;
}

/** What became of a line: an item, or why it is none. A fault doesn't end the list. */
export interface ListEntry {
  readonly line: number;
  readonly item?: ListItem | undefined;
  /** Names the line, what was expected and what was found. */
  readonly fault?: TypeError | RangeError | undefined;
}

/** The validations that an item's size and digests demand. @throws TypeError, RangeError */
export function validationsOf({size, digests = []}: ListItem): Validation[] {
  const algorithms = [...new Set(digests.map(({algorithm}) => algorithm))];
  return [
    ...size === undefined ? [] : [new SizeValidation(size)],
    ...algorithms.map((name) => new DigestValidation(name, digests.filter(({algorithm}) => algorithm === name).map(({hex}) => hex))),
  ];
}

/** An entry of an item, or of the fault that making it threw, with the line's number in front. */
export function entryOf(line: number, make: () => ListItem): ListEntry {
  try {
    return {line, item: make()};
  } catch (thrown) {
    if (!(thrown instanceof TypeError || thrown instanceof RangeError)) throw thrown;
    const message = `line ${line}: ${thrown.message}`;
    return {line, fault: thrown instanceof RangeError ? new RangeError(message) : new TypeError(message)};
  }
}
