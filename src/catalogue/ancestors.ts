import {PrunedAncestor, StaleVersion, UnknownVersion} from './catalogue-errors.js';
import type {JsonObject} from '../core/json.js';
import type {ChangeRow, HeadRow, PartRow, StoreView} from './store-contract.js';

/** A part as the writer knew it: by its own version, or by one of the release. */
export type Base = {readonly partVersion: number} | {readonly releaseVersion: number};

/** A stored document. */
export function documentOf(row: {readonly body: string | undefined} | undefined): JsonObject | undefined {
  return row?.body === undefined ? undefined : JSON.parse(row.body) as JsonObject;
}

/** The version of a part that stands; 0 when it doesn't exist. */
export function standingVersion(row: PartRow | undefined): number {
  return row?.body === undefined ? 0 : row.version;
}

/**
 * The document of a part at a base: one lookup, however old it is. Undefined: it didn't exist.
 *
 * @throws StaleVersion when the base is ahead, UnknownVersion when it never was, PrunedAncestor when its document is gone
 */
export async function ancestorOf(view: StoreView, head: HeadRow, path: string, tip: PartRow | undefined, base: Base):
Promise<JsonObject | undefined> {
  if ('partVersion' in base) {
    const {partVersion} = base;
    if (partVersion === 0) return undefined;
    if (partVersion > (tip?.version ?? 0)) throw ahead(path, partVersion, standingVersion(tip));
    if (partVersion === tip?.version) return documentOf(tip);
    return kept(await view.changeOf(head.name, path, partVersion), path, partVersion, tip);
  }
  const {releaseVersion} = base;
  if (releaseVersion > head.version) throw ahead(head.name, releaseVersion, head.version);
  if (tip === undefined) return undefined;
  if (tip.releaseVersion <= releaseVersion) return documentOf(tip);
  const change = await view.changeAt(head.name, path, releaseVersion);
  return change === undefined ? undefined : kept(change, path, releaseVersion, tip);
}

function kept(change: ChangeRow | undefined, path: string, base: number, tip: PartRow | undefined): JsonObject | undefined {
  if (change === undefined) throw new UnknownVersion(`part ${JSON.stringify(path)} has no version ${base}`);
  if (change.pruned) {
    throw new PrunedAncestor(`the document of ${JSON.stringify(path)} at version ${base} was pruned`, base, standingVersion(tip));
  }
  return documentOf(change);
}

function ahead(what: string, base: number, current: number): StaleVersion {
  return new StaleVersion(`version ${base} of ${JSON.stringify(what)} is ahead of ${current}, the one that stands`, current);
}
