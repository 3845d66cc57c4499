import {messageOf} from '../core/foreign-error.js';
import type {BufferWriter} from '../writer/buffer-writer.js';
import type {DownloadOptions} from './download-options.js';

/** A clone: the same class, with a BufferWriter of its own. */
export type Clone<D> = D & {readonly writer: BufferWriter};

/** What is about one file, and not about where it comes from. */
const OF_THE_FILE = new Set(['writer', 'validations', 'attachment', 'maxBytes', 'ifChanged', 'range']);

/** Another download of the same class, for another file perhaps. @throws TypeError when the class needs more than options */
export function cloneOf<D extends object>(original: D, given: DownloadOptions): D {
  const options = Object.fromEntries(Object.entries(given).filter(([name]) => !OF_THE_FILE.has(name))) as unknown as DownloadOptions;
  const {constructor} = original as {constructor: new (options: DownloadOptions) => D};
  try {
    return new constructor(options);
  } catch (cause) {
    throw new TypeError(`clone: ${constructor.name} can't be made from its options alone (${messageOf(cause)}); override clone()`, {cause});
  }
}
