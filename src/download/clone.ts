import {messageOf} from '../core/foreign-error.js';
import type {BufferWriter} from '../writer/buffer-writer.js';
import type {DownloadOptions} from './download-options.js';

/** A clone: the same class, with a BufferWriter of its own. */
export type Clone<D> = D & {readonly writer: BufferWriter};

/** Another download of the same class. @throws TypeError when the class needs more than options */
export function cloneOf<D extends object>(original: D, options: DownloadOptions): D {
  const {constructor} = original as {constructor: new (options: DownloadOptions) => D};
  try {
    return new constructor(options);
  } catch (cause) {
    throw new TypeError(`clone: ${constructor.name} can't be made from its options alone (${messageOf(cause)}); override clone()`, {cause});
  }
}
