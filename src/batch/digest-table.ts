/** Bytes of a key. */
export const KEY_BYTES = 16;

const WORDS = KEY_BYTES / 4;
const CHUNK = 1 << 15;
const FIRST_PLACES = 1 << 10;
/** The index grows beyond this share of its places. */
const FULLEST = 0.75;

interface Chunk {
  readonly keys: Uint32Array;
  readonly values: Float64Array;
}

/**
 * Numbers by 128-bit digests, for a million items: 24 bytes an entry in typed arrays and 4 to 10 for the index, nothing
 * that the garbage collector would have to look at. Of 10⁹ different items two have the same key with a probability of
 * 10⁻²¹; with 64 bits it would be 3 %.
 */
export class DigestTable {
  readonly #chunks: Chunk[] = [];
  /** Where the entry of a place is, from 1; 0: free. */
  #places = new Uint32Array(FIRST_PLACES);
  #size = 0;

  /** How many keys it has. */
  get size(): number {
    return this.#size;
  }

  /** The number of a key. @param key 16 bytes of a digest: evenly spread, that is */
  get(key: Buffer): number | undefined {
    const entry = this.#places[this.#find(key)] ?? 0;
    return entry === 0 ? undefined : this.#chunkOf(entry).values[(entry - 1) % CHUNK];
  }

  /** Keeps a number under a key, in place of the one before. */
  set(key: Buffer, value: number): void {
    let place = this.#find(key);
    if (this.#places[place] === 0) {
      if (this.#size + 1 > this.#places.length * FULLEST) {
        this.#grow();
        place = this.#find(key);
      }
      this.#places[place] = this.#add(key);
    }
    const entry = this.#places[place] ?? 0;
    this.#chunkOf(entry).values[(entry - 1) % CHUNK] = value;
  }

  /** The place of a key, or the free one where it belongs. */
  #find(key: Buffer): number {
    const mask = this.#places.length - 1;
    let place = key.readUInt32LE(0) & mask;
    for (; ; place = (place + 1) & mask) {
      const entry = this.#places[place] ?? 0;
      if (entry === 0 || this.#isAt(entry, key)) return place;
    }
  }

  #isAt(entry: number, key: Buffer): boolean {
    const {keys} = this.#chunkOf(entry);
    const start = (entry - 1) % CHUNK * WORDS;
    for (let word = 0; word < WORDS; word++) if (keys[start + word] !== key.readUInt32LE(4 * word)) return false;
    return true;
  }

  #add(key: Buffer): number {
    if (this.#size === this.#chunks.length * CHUNK) {
      this.#chunks.push({keys: new Uint32Array(CHUNK * WORDS), values: new Float64Array(CHUNK)});
    }
    const entry = ++this.#size;
    const {keys} = this.#chunkOf(entry);
    const start = (entry - 1) % CHUNK * WORDS;
    for (let word = 0; word < WORDS; word++) keys[start + word] = key.readUInt32LE(4 * word);
    return entry;
  }

  #grow(): void {
    const places = new Uint32Array(2 * this.#places.length);
    const mask = places.length - 1;
    for (let entry = 1; entry <= this.#size; entry++) {
      let place = (this.#chunkOf(entry).keys[(entry - 1) % CHUNK * WORDS] ?? 0) & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = entry;
    }
    this.#places = places;
  }

  #chunkOf(entry: number): Chunk {
    return this.#chunks[Math.floor((entry - 1) / CHUNK)] as Chunk;
  }
}
