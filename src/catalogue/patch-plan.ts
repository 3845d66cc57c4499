import {ancestorOf, documentOf, standingVersion, type Base} from './ancestors.js';
import {InvalidDocument, MergeConflict, PatchFailed} from './catalogue-errors.js';
import {checkPath, invalid, type LimitCheck} from './catalogue-limits.js';
import type {Patch, PartConflict} from './contract.js';
import {applyPatch} from './merge/apply-patch.js';
import {InvalidPatch} from './merge/invalid-patch.js';
import {fieldOf, isList, isObject, type Json, type JsonObject} from '../core/json.js';
import {formatPointer, parsePointer} from './merge/json-pointer.js';
import {merge} from './merge/merge.js';
import type {MergePolicy} from './merge/merge-policy.js';
import type {HeadRow, PartRow, StoreView} from './store-contract.js';
import {openHead, type PartEdit, type WritePlan} from './write-plan.js';

/** What is patched. */
export interface Patching {
  readonly name: string;
  /** Undefined: the whole release, as `{"<path>": document, …}`. */
  readonly path: string | undefined;
  readonly patch: Patch;
  readonly base: Base;
  readonly limits: LimitCheck;
  readonly policyOf: (schema: number) => MergePolicy;
}

/** One part of what is patched: as the writer knew it, and as it stands. */
interface Site {
  readonly path: string;
  readonly tip: PartRow | undefined;
  readonly ancestor: JsonObject | undefined;
}

/** The patch applied to its base, and merged into the tip. @throws PatchFailed, MergeConflict, PrunedAncestor, StaleVersion … */
export async function planPatch(view: StoreView, patching: Patching): Promise<WritePlan> {
  const head = await openHead(view, patching.name);
  const sites = await sitesOf(view, head, patching);
  const incoming = patched(patching, sites);
  // An operation on the whole of it may bring parts that nobody knew.
  for (const path of Object.keys(incoming)) if (!sites.has(path)) sites.set(checkPath(path), {path, tip: undefined, ancestor: undefined});
  const policy = patching.policyOf(head.schema);
  const parts: PartEdit[] = [];
  const conflicts: PartConflict[] = [];
  let merged = false;
  for (const site of [...sites.values()].sort((one, other) => one.path < other.path ? -1 : 1)) {
    const {path, tip} = site;
    const pointer = patching.path === undefined ? formatPointer([path]) : '';
    const outcome = combined(site, fieldOf(incoming, path), policy, pointer);
    conflicts.push(...outcome.conflicts);
    if (outcome.conflicts.length > 0) continue;
    const body = outcome.document === undefined ? undefined : patching.limits.text(outcome.document, policy, pointer);
    if (body === tip?.body) continue;
    parts.push({path, expected: tip?.version ?? 0, body});
    merged ||= standsElsewhere(patching.base, tip);
  }
  const current = patching.path === undefined ? head.version : standingVersion(sites.get(patching.path)?.tip);
  if (conflicts.length > 0) throw new MergeConflict(messageOf(conflicts), conflicts, current);
  return {head, parts, merged};
}

async function sitesOf(view: StoreView, head: HeadRow, patching: Patching): Promise<Map<string, Site>> {
  const paths = patching.path === undefined ? touchedBy(patching.patch) : [patching.path];
  const rows = paths === undefined ? await view.parts(head.name) : await view.partsOf(head.name, paths);
  const tips = new Map<string, PartRow | undefined>((paths ?? []).map((path) => [path, undefined]));
  for (const row of rows) tips.set(row.path, row);
  const sites = new Map<string, Site>();
  for (const [path, tip] of tips) sites.set(path, {path, tip, ancestor: await ancestorOf(view, head, path, tip, patching.base)});
  return sites;
}

/** The parts that a patch of a whole release touches; undefined: all. */
function touchedBy(patch: Patch): string[] | undefined {
  if (!isList(patch)) return Object.keys(patch).map((path) => checkPath(path));
  const paths = new Set<string>();
  for (const operation of patch) {
    for (const pointer of [operation.path, operation.from]) {
      // What is no pointer is told by the patch itself.
      const names = typeof pointer === 'string' && /^(?:\/(?:[^~]|~[01])*)?$/.test(pointer) ? parsePointer(pointer) : undefined;
      if (names?.length === 0) return undefined;
      if (names?.[0] !== undefined) paths.add(checkPath(names[0]));
    }
  }
  return [...paths];
}

/** What the writer wants, by path. */
function patched({path, patch}: Patching, sites: ReadonlyMap<string, Site>): JsonObject {
  const whole = Object.fromEntries([...sites].flatMap(([at, {ancestor}]) => ancestor === undefined ? [] : [[at, ancestor]]));
  try {
    const outcome: Json = applyPatch(path === undefined ? whole : whole[path] ?? {}, patch);
    if (!isObject(outcome)) throw new InvalidDocument('the patch leaves no JSON object');
    return path === undefined ? outcome : {[path]: outcome};
  } catch (error) {
    if (error instanceof InvalidPatch) {
      throw new PatchFailed(error.message, error.index === undefined ? undefined : `/${error.index}`, {cause: error});
    }
    throw invalid(error, '');
  }
}

function combined({path, tip, ancestor}: Site, incoming: Json | undefined, policy: MergePolicy, pointer: string):
{document: Json | undefined; conflicts: PartConflict[]} {
  const standing = documentOf(tip);
  // Both made it: they agree on all that only one of them has.
  const from = ancestor ?? (standing === undefined || incoming === undefined ? undefined : {});
  try {
    const {merged, conflicts} = merge(from, standing, incoming, policy);
    return {document: merged, conflicts: conflicts.map((conflict) => ({...conflict, part: path}))};
  } catch (error) {
    throw invalid(error, pointer);
  }
}

function standsElsewhere(base: Base, tip: PartRow | undefined): boolean {
  if (tip === undefined) return false;
  if ('releaseVersion' in base) return tip.releaseVersion > base.releaseVersion;
  return tip.version !== base.partVersion && standingVersion(tip) !== base.partVersion;
}

function messageOf(conflicts: readonly PartConflict[]): string {
  const [first] = conflicts;
  const more = conflicts.length > 1 ? `, and ${conflicts.length - 1} more` : '';
  return `${first?.part} was changed differently by another at ${JSON.stringify(first?.path)} (${first?.kind})${more}`;
}
