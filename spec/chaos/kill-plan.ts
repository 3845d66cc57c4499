import {SeededRandom} from '../support/seeded-random.js';
import type {Offer} from './chaos-server.js';

/** When a child is stopped: so many ms after its start, or after so many bytes of the file were sent. */
export interface Moment {
  /** Undefined: its start. */
  readonly position?: number | undefined;
  readonly ms: number;
}

/** How a child is stopped. */
export interface Stop extends Moment {
  /** `SIGTERM` asks; whoever is still there `mercy` ms later is killed. */
  readonly signal: 'SIGKILL' | 'SIGTERM';
  readonly mercy: number;
}

/** Everything that one run is about, drawn from seed and number. */
export interface KillPlan {
  readonly number: number;
  readonly offer: Offer;
  /** What stands under the name before. */
  readonly old: Buffer | undefined;
  /** The target, below the folder of the run. */
  readonly target: string;
  readonly exists: 'replace' | 'skip-if-same' | 'error';
  readonly digest: boolean;
  readonly durability: 'none' | 'file' | 'full';
  readonly stops: readonly Stop[];
  /** Slow enough for a checkpoint of the journal: a kill may not cost everything. */
  readonly slow: boolean;
}

const KIB = 1024;
const LARGEST = 3 * 1024 * KIB;
/** A journal is written after 5 s of transfer. */
const SLOW_MS = 7000;

/** Draws runs. Each depends on the seed and its number only, so that it can be had again alone. */
export class KillPlans {
  readonly #seed: number;
  readonly #resume: boolean;
  readonly #pool: Buffer;

  /** @param resume children may continue what others left: some are asked to stop, and some runs are slow */
  constructor(seed: number, resume: boolean) {
    this.#seed = seed;
    this.#resume = resume;
    this.#pool = new SeededRandom(seed).bytes(2 * LARGEST);
  }

  draw(number: number): KillPlan {
    const random = new SeededRandom(Math.imul(this.#seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
    const slow = this.#resume && random.chance(0.01);
    const size = slow || random.chance(0.6) ? random.between(1025 * KIB, LARGEST) : random.between(1, 1024 * KIB);
    const body = this.#bytes(random, size);
    const old = random.chance(0.6) ? this.#bytes(random, random.between(0, LARGEST)) : undefined;
    const pieces = slow ? 100 : random.between(5, 60);
    const cut = !slow && random.chance(0.1);
    return {
      number, slow, old,
      offer: {
        body, etag: `v${this.#seed}-${number}`, chunked: random.chance(0.2),
        pace: {bytes: Math.ceil(size / pieces), everyMs: slow ? SLOW_MS / pieces : random.between(1, 3)},
        cuts: cut ? [random.between(1, size)] : [],
      },
      target: old === undefined && random.chance(0.4) ? 'new/folder/file.bin' : 'file.bin',
      exists: old === undefined && random.chance(0.3) ? 'error' : random.pick(['replace', 'skip-if-same']),
      digest: random.chance(0.7),
      durability: random.chance(0.9) ? 'full' : random.pick(['none', 'file']),
      stops: slow ? [{signal: 'SIGKILL', position: Math.ceil(size * 0.9), ms: 0, mercy: 0}] : this.#stops(random, size),
    };
  }

  #stops(random: SeededRandom, size: number): Stop[] {
    const count = random.pick([1, 1, 1, 1, 1, 1, 1, 2, 2, 3]);
    return Array.from({length: count}, () => {
      const asked = this.#resume && random.chance(0.6);
      return {...momentOf(random, size), signal: asked ? 'SIGTERM' : 'SIGKILL', mercy: random.chance(0.3) ? random.between(0, 20) : 10_000};
    });
  }

  #bytes(random: SeededRandom, size: number): Buffer {
    const at = random.below(this.#pool.length - size);
    return this.#pool.subarray(at, at + size);
  }
}

/** Most moments are in the transfer and in the publishing; a few in the start. */
function momentOf(random: SeededRandom, size: number): Moment {
  const kind = random.next();
  if (kind < 0.1) return {ms: random.between(0, 500)};
  if (kind < 0.55) return {position: random.between(1, size), ms: random.between(0, 5)};
  return {position: size, ms: random.between(0, 25)};
}
