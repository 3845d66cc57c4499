import type {Fact} from '../../src/catalogue/contract.js';

/** A fact about a partial from version `from`; another `salt`, another digest. */
export function partial(path: string, from: string, salt = 'a'): Fact {
  return {path, kind: 'partial', from, digest: salt.repeat(128).slice(0, 128), size: 7, url: `https://example.org/${from}.mar`};
}

/** A fact about a complete file. */
export function complete(path: string, key: string, salt = 'c'): Fact {
  return {path, kind: 'complete', key, digest: salt.repeat(128).slice(0, 128), size: 9};
}

/** What a release of the specs is made with. */
export const PRODUCT = {product: 'firefox'} as const;
/** Who writes. */
export const ELMER = {actor: 'elmer'} as const;
