import type {Clock} from '../../core/clock.js';
import {duration, misuse, onlyKeys, wholeNumber} from '../../core/options.js';
import {ExponentialBackoff} from '../../policy/backoff.js';
import {PrunedAncestor, StaleVersion, UnknownPart} from '../catalogue-errors.js';
import type {ReleaseCatalogue, Target, WriteResult} from '../contract.js';
import type {JsonObject} from '../../core/json.js';

/**
 * Makes the new document of the one that stands. It may be called several times, each time with a fresh one, so it does
 * nothing else. Undefined: it stays as it is.
 *
 * @param document the part's, `{}` when there is none; of a whole release `{"<path>": document, …}`. It is the function's own
 * @param version the target's; 0 when there is none
 */
export type DocumentChange = (document: JsonObject, version: number) => JsonObject | undefined | Promise<JsonObject | undefined>;

/** How a document is updated. */
export interface UpdateOptions {
  /** Who writes: shown in the history. */
  readonly actor: string;
  /**
   * `merge`: what others wrote meanwhile is kept and only a real contradiction is an error, a MergeConflict. `replace`: the
   * function sees all that others wrote, and is called again when one of them was quicker. @default 'replace'
   */
  readonly mode?: 'replace' | 'merge' | undefined;
  /** How many races may be lost before it is given up. @default 100 */
  readonly races?: number | undefined;
  /** How long it may take, ms; false: for ever. @default 300_000 */
  readonly deadline?: number | false | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the loop works with. */
export interface UpdateTerms {
  readonly catalogue: Pick<ReleaseCatalogue, 'get' | 'getPart' | 'replace' | 'patch'>;
  readonly clock: Clock;
  /** From 0 to 1, 1 excluded. */
  readonly random: () => number;
}

const KEYS = ['actor', 'mode', 'races', 'deadline', 'signal'];
/** After a lost race: full jitter from 0.2 s, doubling to 5 s. */
const PAUSE = new ExponentialBackoff({base: 200, cap: 5000});

/**
 * Reads, calls the function, writes under the version that it saw; when another was quicker, waits a little and does all of
 * that again. What is sent again is never the old document.
 *
 * @returns undefined when the function changed nothing
 * @throws StaleVersion when too many races were lost; MergeConflict, UnknownRelease; what the function throws
 */
export async function updateDocument({catalogue, clock, random}: UpdateTerms, target: Target, change: DocumentChange, options: UpdateOptions):
Promise<WriteResult | undefined> {
  onlyKeys('options', options, KEYS);
  if (typeof change !== 'function') throw misuse('change', change, 'a function of the document');
  const {actor, mode = 'replace', signal} = options;
  if (mode !== 'replace' && mode !== 'merge') throw misuse('mode', mode, '\'replace\' or \'merge\'');
  const races = wholeNumber('races', options.races ?? 100, 0);
  const limit = duration('deadline', options.deadline, 300_000);
  const end = limit === 0 ? Infinity : clock.now() + limit;
  for (let lost = 0; ; lost++) {
    signal?.throwIfAborted();
    const {document, version} = await read(catalogue, target);
    const changed = await change(document, version);
    if (changed === undefined) return undefined;
    try {
      if (mode === 'replace') return await catalogue.replace(target, changed, {actor, signal, ifVersion: version});
      return await catalogue.patch(target, [{op: 'add', path: '', value: changed}], {actor, signal, base: version});
    } catch (error) {
      const pause = PAUSE.delay(lost, random);
      if (!isLostRace(error) || lost >= races || clock.now() + pause > end) throw error;
      await clock.wait(pause, signal);
    }
  }
}

/** A real conflict is none: the function would be asked to decide what it can't see. */
function isLostRace(error: unknown): boolean {
  return error instanceof StaleVersion || error instanceof PrunedAncestor;
}

async function read(catalogue: UpdateTerms['catalogue'], {name, path}: Target): Promise<{document: JsonObject; version: number}> {
  if (path === undefined) {
    const {version, parts} = await catalogue.get(name);
    return own(Object.fromEntries(parts.map((part) => [part.path, part.document])), version);
  }
  try {
    const {document, version} = await catalogue.getPart(name, path);
    return own(document, version);
  } catch (error) {
    if (error instanceof UnknownPart) return {document: {}, version: 0};
    throw error;
  }
}

function own(document: JsonObject, version: number): {document: JsonObject; version: number} {
  return {document: structuredClone(document), version};
}
