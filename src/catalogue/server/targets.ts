import {NotInCatalogue, StaleVersion, UnknownPart, UnknownVersion} from '../catalogue-errors.js';
import type {GuardedOptions, Patch, ReleaseCatalogue, Target, WriteOptions, WriteResult} from '../contract.js';
import {applyPatch} from '../merge/apply-patch.js';
import type {Json, JsonObject} from '../../core/json.js';
import type {Precondition} from './preconditions.js';
import {badRequest, Problem} from './problem.js';

/** A part or all parts of a release, as HTTP writes to them: under a precondition, or merged from a base. */
export class Targets {
  readonly #catalogue: ReleaseCatalogue;

  constructor(catalogue: ReleaseCatalogue) {
    this.#catalogue = catalogue;
  }

  /** PUT. @throws CatalogueError, Problem 428 */
  async replace(target: Target, document: JsonObject, precondition: Precondition, options: WriteOptions): Promise<WriteResult> {
    if (precondition.kind === 'base') return this.#merge(target, [{op: 'add', path: '', value: document}], precondition, options);
    return this.#guarded(target, precondition, (ifVersion) => this.#catalogue.replace(target, document, {...options, ifVersion}));
  }

  /**
   * PATCH. With If-Match the patch is applied to that very version, and the outcome replaces it; nothing is merged.
   *
   * @throws CatalogueError, Problem 428
   */
  async patch(target: Target, patch: Patch, precondition: Precondition, options: WriteOptions): Promise<WriteResult> {
    if (precondition.kind === 'base') return this.#merge(target, patch, precondition, options);
    if (precondition.kind === 'any') throw badRequest('If-Match of a patch: expected the version that it was made for');
    return this.#guarded(target, precondition, async (ifVersion) => {
      if (ifVersion === 'any') throw badRequest('If-Match: expected a version');
      const patched = applyPatch(await this.#documentAt(target, ifVersion), patch) as JsonObject;
      return this.#catalogue.replace(target, patched, {...options, ifVersion});
    });
  }

  /** DELETE. @throws CatalogueError, Problem 428 */
  async remove(target: Target, precondition: Precondition, options: WriteOptions): Promise<WriteResult> {
    return this.#existing(target, precondition, (ifVersion) => this.#catalogue.remove(target, {...options, ifVersion}));
  }

  /** Opens or closes a release. @throws CatalogueError, Problem 428 */
  async setReadOnly(name: string, readOnly: boolean, precondition: Precondition, options: WriteOptions): Promise<WriteResult> {
    return this.#existing({name}, precondition, (ifVersion) => this.#catalogue.setReadOnly(name, readOnly, {...options, ifVersion}));
  }

  #merge(target: Target, patch: Patch, {base, releaseBase}: Precondition & {kind: 'base'}, options: WriteOptions): Promise<WriteResult> {
    return this.#catalogue.patch(target, patch, {...options, ...base === undefined ? {releaseBase} : {base}});
  }

  /** Without a precondition it must not exist: the guard itself finds that out, so no writer can slip in between. */
  async #guarded(target: Target, precondition: Precondition, write: (ifVersion: GuardedOptions['ifVersion']) => Promise<WriteResult>):
  Promise<WriteResult> {
    try {
      return await write(await this.#guardOf(target, precondition));
    } catch (error) {
      if (precondition.kind !== 'none' || !(error instanceof StaleVersion)) throw error;
      throw required(error.currentVersion);
    }
  }

  async #existing(target: Target, precondition: Precondition, write: (ifVersion: GuardedOptions['ifVersion']) => Promise<WriteResult>):
  Promise<WriteResult> {
    if (precondition.kind === 'none') throw required(await this.#currentVersion(target));
    if (precondition.kind !== 'any' && precondition.kind !== 'versions') throw badRequest('expected If-Match');
    return write(await this.#guardOf(target, precondition));
  }

  async #guardOf(target: Target, precondition: Precondition): Promise<GuardedOptions['ifVersion']> {
    if (precondition.kind === 'any') return 'any';
    if (precondition.kind !== 'versions') return 0;
    const {versions: [first, ...others]} = precondition;
    if (first !== undefined && others.length === 0) return first;
    // Of several it is the one that stands.
    const current = await orAbsent(this.#currentVersion(target)) ?? 0;
    if (!precondition.versions.includes(current)) throw new StaleVersion(`it has version ${current}, none of those in If-Match`, current);
    return current;
  }

  /** The document that a patch is for: the version's own, so that a repeat of the request comes to the same. */
  async #documentAt({name, path}: Target, version: number): Promise<Json> {
    if (version === 0) return {};
    try {
      if (path !== undefined) return (await this.#catalogue.getPart(name, path, {partVersion: version})).document;
      const {parts} = await this.#catalogue.get(name, {version});
      return Object.fromEntries(parts.map((part) => [part.path, part.document]));
    } catch (error) {
      if (!(error instanceof UnknownVersion || error instanceof UnknownPart)) throw error;
      // Never there, or so long ago that it was pruned: not the one that stands.
      throw new StaleVersion(`there is no version ${version}`, await orAbsent(this.#currentVersion({name, path})) ?? 0);
    }
  }

  /** @throws UnknownRelease, UnknownPart */
  async #currentVersion({name, path}: Target): Promise<number> {
    return path === undefined ? (await this.#catalogue.get(name)).version : (await this.#catalogue.getPart(name, path)).version;
  }
}

function required(currentVersion: number): Problem {
  return Problem.of(428, 'PRECONDITION_REQUIRED', undefined, {currentVersion});
}

/** What is read, or undefined when it isn't there. */
export async function orAbsent<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof NotInCatalogue) return undefined;
    throw error;
  }
}
