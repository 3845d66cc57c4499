import {Cancelled} from '../core/errors.js';
import {Transfer, type Reader, type TransferStart} from './transfer.js';

/** The transfers under way, one for each key. */
export class Transfers {
  readonly #open = new Map<string, Transfer>();
  readonly #all = new Set<Transfer>();

  get size(): number {
    return this.#all.size;
  }

  /** Whether there is one to join. */
  has(key: string): boolean {
    return this.#open.get(key)?.open === true;
  }

  /** Joins the transfer of a key, or begins it. `own`: it was begun. The reader must leave it. */
  join(key: string, reader: Reader, start: () => TransferStart): {readonly transfer: Transfer; readonly own: boolean} {
    const own = !this.has(key);
    const transfer = own ? this.#begin(key, start()) : this.#open.get(key) as Transfer;
    transfer.join(reader);
    return {transfer, own};
  }

  /** Ends all, and waits until nothing of them is left. */
  async close(): Promise<void> {
    for (const transfer of this.#all) transfer.cancel(new Cancelled('the streamer is closed'));
    await Promise.all([...this.#all].map(({work}) => work));
  }

  #begin(key: string, start: TransferStart): Transfer {
    const transfer = new Transfer(start, () => {
      this.#all.delete(transfer);
      if (this.#open.get(key) === transfer) this.#open.delete(key);
    });
    this.#open.set(key, transfer);
    this.#all.add(transfer);
    return transfer;
  }
}
