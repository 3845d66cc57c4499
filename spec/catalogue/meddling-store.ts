import type {CatalogueStore, StoreOptions, StoreTransaction, StoreView} from '../../src/catalogue/store-contract.js';

/** What is done at the moments that matter; each is called every time, until it is taken away. */
export interface Meddling {
  /** Between the reading of a try and its merge. */
  afterRead?: (() => Promise<void>) | undefined;
  /** Between the merge and the writing transaction. */
  beforeWrite?: (() => Promise<void>) | undefined;
  /** Inside a writing transaction that reads the parts itself, as it does under the lock, after that. */
  afterReadUnderLock?: (() => Promise<void>) | undefined;
  /** Inside the writing transaction, before the commit. */
  beforeCommit?: ((transaction: StoreTransaction) => Promise<void>) | undefined;
  /** After the commit, before the writer hears of it. */
  afterCommit?: (() => Promise<void>) | undefined;
}

/** A store with failpoints. */
export class MeddlingStore implements CatalogueStore {
  /** How many transactions were begun. */
  reads = 0;
  writes = 0;
  readonly #inner: CatalogueStore;

  constructor(inner: CatalogueStore, readonly meddling: Meddling) {
    this.#inner = inner;
  }

  get contentions(): number {
    return this.#inner.contentions;
  }

  async read<T>(work: (view: StoreView) => Promise<T>, options?: StoreOptions): Promise<T> {
    this.reads++;
    const result = await this.#inner.read(work, options);
    await this.meddling.afterRead?.();
    return result;
  }

  async write<T>(work: (transaction: StoreTransaction) => Promise<T>, options?: StoreOptions): Promise<T> {
    this.writes++;
    await this.meddling.beforeWrite?.();
    const result = await this.#inner.write(async (transaction) => {
      const value = await work(this.#reading(transaction));
      await this.meddling.beforeCommit?.(transaction);
      return value;
    }, options);
    await this.meddling.afterCommit?.();
    return result;
  }

  #reading(transaction: StoreTransaction): StoreTransaction {
    return new Proxy(transaction, {
      get: (target, name) => {
        if (name !== 'partsOf') return (Reflect.get(target, name) as () => unknown).bind(target);
        return async (...arguments_: Parameters<StoreTransaction['partsOf']>) => {
          const rows = await target.partsOf(...arguments_);
          await this.meddling.afterReadUnderLock?.();
          return rows;
        };
      },
    });
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

/** Does it so many times, then nothing. */
export function times(count: number, work: (n: number) => Promise<unknown>): () => Promise<void> {
  let n = 0;
  return async () => {
    if (n < count) await work(n++);
  };
}
