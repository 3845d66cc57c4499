import type {Fact} from '../../../src/catalogue/contract.js';
import {SeededRandom} from '../../support/seeded-random.js';

/** Writers that share a part. */
const SHARING = 4;

/**
 * The facts of one of many writers, as importers of a nightly have them: one complete and some partials for each platform and
 * locale. Four writers add to the same part at about the same time.
 */
export function crowdFacts(writer: number, count: number): Fact[] {
  const random = new SeededRandom(writer);
  return Array.from({length: count}, (_, number): Fact => {
    const path = `/platform-${Math.floor(writer / SHARING)}/locale-${number}`;
    const share = writer % SHARING;
    const from = `build-${share}`;
    const url = `https://archive.example.org/nightly/${writer}/${number}.mar`;
    const common = {path, digest: random.bytes(64).toString('hex'), size: random.between(1000, 90_000_000), url};
    return share === 0 ? {...common, kind: 'complete', key: 'complete'} : {...common, kind: 'partial', from};
  });
}
