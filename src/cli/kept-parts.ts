import {dirname, join} from 'node:path';
import type {DownloadView} from '../core/contract.js';
import {SystemDisk} from '../core/disk.js';
import {Event, type Delegate, type Registry} from '../core/event.js';
import {addressId} from '../core/address-id.js';
import {FileWriter} from '../writer/file-writer.js';
import {Journal} from '../writer/journal.js';
import {formatBytes} from './quantities.js';

/** Counts what failed and cancelled downloads left to a later run. */
export class KeptParts implements Delegate {
  #files = 0;
  #bytes = 0;

  attach(download: DownloadView & Registry): void {
    download.register(Event.FAILED, () => this.#look(download), {observe: true});
  }

  /** What is to be said of them; undefined: nothing was left. */
  get line(): string | undefined {
    if (this.#files === 0) return undefined;
    return `kept ${formatBytes(this.#bytes)}${this.#files === 1 ? '' : ` of ${this.#files} files`}, run it again to go on`;
  }

  async #look({writer, originalUrl}: DownloadView): Promise<void> {
    if (!(writer instanceof FileWriter) || !writer.abilities.resume) return;
    const disk = new SystemDisk();
    const part = await new Journal(disk, writer.path, addressId(originalUrl)).part();
    const there = part === undefined ? undefined : await disk.stat(join(dirname(writer.path), part));
    if (there === undefined) return;
    this.#files++;
    this.#bytes += there.size;
  }
}
