/** What a body costs beside its bytes. */
const OVERHEAD = 512;

/** Bodies in memory, by digest: at most so many bytes of them, those asked for last. */
export class WarmContents {
  readonly #limit: number;
  readonly #bodies = new Map<string, Buffer>();
  #bytes = 0;

  /** `limit`: bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Nobody may write into it. */
  get(hex: string): Buffer | undefined {
    const body = this.#bodies.get(hex);
    if (body === undefined) return undefined;
    this.#bodies.delete(hex);
    this.#bodies.set(hex, body);
    return body;
  }

  /** Keeps a copy: a slice of one of node's pools would keep the whole pool. */
  put(hex: string, body: Uint8Array): void {
    this.drop(hex);
    const own = Buffer.allocUnsafeSlow(body.byteLength);
    own.set(body);
    this.#bodies.set(hex, own);
    this.#bytes += own.byteLength + OVERHEAD;
    for (const oldest of this.#bodies.keys()) {
      if (this.#bytes <= this.#limit) return;
      this.drop(oldest);
    }
  }

  drop(hex: string): void {
    const body = this.#bodies.get(hex);
    if (body === undefined) return;
    this.#bodies.delete(hex);
    this.#bytes -= body.byteLength + OVERHEAD;
  }
}
