import {faultsContract} from './contract/faults.js';
import {guardedContract} from './contract/guarded.js';
import {limitsContract} from './contract/limits.js';
import {patchingContract} from './contract/patching.js';
import {publishingContract} from './contract/publishing.js';
import {racesContract} from './contract/races.js';
import {readingContract} from './contract/reading.js';
import {requestsContract} from './contract/requests.js';
import type {Engine} from './engines.js';

/** What a catalogue does, whatever database it is on. Call it inside a `describe`. */
export function catalogueContract(engine: Engine): void {
  describe('publish', () => publishingContract(engine));
  describe('patch', () => patchingContract(engine));
  describe('guarded writes', () => guardedContract(engine));
  describe('reading', () => readingContract(engine));
  describe('requests', () => requestsContract(engine));
  describe('races', () => racesContract(engine));
  describe('faults', () => faultsContract(engine));
  describe('limits', () => limitsContract(engine));
}
