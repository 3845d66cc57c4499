import type {FileWriter} from '../writer/file-writer.js';
import type {ContentShelf} from './content-shelf.js';
import {PrimedBody} from './primed-body.js';

/** A temporary file of a store, for bytes that are handed on and not kept. */
export class Spool {
  /** Give it to the download. */
  readonly writer: FileWriter;
  readonly #shelf: ContentShelf;

  constructor(shelf: ContentShelf) {
    this.writer = shelf.temporary('none');
    this.#shelf = shelf;
  }

  /**
   * The bytes, once the download has succeeded. The file loses its name as soon as it is open, so that nothing is left
   * of it however the reading ends.
   *
   * @throws WriterError
   */
  async take(): Promise<PrimedBody> {
    try {
      return await PrimedBody.start(this.#shelf.read(this.writer.path));
    } finally {
      await this.#shelf.unlink(this.writer.path);
    }
  }
}
