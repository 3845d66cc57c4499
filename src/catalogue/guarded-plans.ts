import {standingVersion} from './ancestors.js';
import {InvalidDocument, ReleaseExists, StaleVersion, UnknownPart, UnknownVersion} from './catalogue-errors.js';
import type {LimitCheck} from './catalogue-limits.js';
import type {Target} from './contract.js';
import type {JsonObject} from '../core/json.js';
import {formatPointer} from './merge/json-pointer.js';
import type {MergePolicy} from './merge/merge-policy.js';
import type {HeadRow, HeadWrite, PartRow, StoreView} from './store-contract.js';
import {headWriteOf, livingHead, openHead, type PartEdit, type WritePlan} from './write-plan.js';

/** The version that must stand; 0 = nothing may stand, `any` = something must. */
export type Guard = number | 'any';

/** What documents are checked with. */
export interface DocumentChecks {
  readonly limits: LimitCheck;
  readonly policyOf: (schema: number) => MergePolicy;
}

/** A new release; nothing when it is there with the same head. @throws ReleaseExists */
export async function planCreate(view: StoreView, name: string, write: HeadWrite): Promise<WritePlan> {
  const head = await view.head(name);
  if (head === undefined || head.removed) return {head, parts: [], merged: false, headEdit: {write, operation: 'create'}};
  const same = head.product === write.product && head.schema === write.schema && head.hashFunction === write.hashFunction;
  if (!same) throw new ReleaseExists(name);
  return {head, parts: [], merged: false};
}

/** A document in the place of a part's, or documents in the place of all. @throws StaleVersion, UnknownPart, ReadOnlyRelease … */
export async function planReplace(view: StoreView, {name, path}: Target, document: JsonObject, guard: Guard, checks: DocumentChecks):
Promise<WritePlan> {
  const head = await openHead(view, name);
  const policy = checks.policyOf(head.schema);
  if (path !== undefined) {
    const row = await view.part(name, path);
    checkPart(name, path, row, guard);
    return {head, parts: edits(path, row, checks.limits.text(document, policy, '')), merged: false};
  }
  checkRelease(head, guard);
  const rows = new Map((await view.parts(name)).map((row) => [row.path, row]));
  const paths = [...new Set([...rows.keys(), ...Object.keys(document)])].sort();
  const parts = paths.flatMap((at) => {
    const body = Object.hasOwn(document, at) ? checks.limits.text(document[at], policy, formatPointer([at])) : undefined;
    return edits(at, rows.get(at), body);
  });
  return {head, parts, merged: false, wholeRelease: true};
}

/** A part without its document, or a release without all its parts. @throws StaleVersion, UnknownPart, ReadOnlyRelease … */
export async function planRemove(view: StoreView, {name, path}: Target, guard: Guard): Promise<WritePlan> {
  const head = await openHead(view, name);
  if (path !== undefined) {
    const row = await view.part(name, path);
    if (row?.body === undefined) throw new UnknownPart(name, path);
    checkPart(name, path, row, guard);
    return {head, parts: edits(path, row, undefined), merged: false};
  }
  checkRelease(head, guard);
  const parts = (await view.parts(name)).flatMap((row) => edits(row.path, row, undefined));
  return {head, parts, merged: false, wholeRelease: true, headEdit: {write: headWriteOf(head, {removed: true}), operation: 'remove'}};
}

/** A release that takes changes no more, or again. @throws StaleVersion, UnknownRelease */
export async function planReadOnly(view: StoreView, name: string, readOnly: boolean, guard: Guard): Promise<WritePlan> {
  const head = await livingHead(view, name);
  checkRelease(head, guard);
  if (head.readOnly === readOnly) return {head, parts: [], merged: false};
  const wholeRelease = guard !== 'any';
  return {head, parts: [], merged: false, wholeRelease, headEdit: {write: headWriteOf(head, {readOnly}), operation: 'set-read-only'}};
}

/** A part as it was after a change. @throws UnknownVersion, StaleVersion, InvalidDocument for a change of a head */
export async function planRevert(view: StoreView, name: string, seq: number, guard: Guard | undefined): Promise<WritePlan> {
  const change = await view.changeBySeq(seq);
  if (change?.name !== name) throw new UnknownVersion(`there is no change ${seq}`);
  if (change.path === '') throw new InvalidDocument(`change ${seq} is one of the release's head, which has no document to go back to`);
  if (change.pruned) throw new UnknownVersion(`the document of change ${seq} was pruned`);
  const head = await openHead(view, name);
  const row = await view.part(name, change.path);
  if (guard !== undefined) checkPart(name, change.path, row, guard);
  return {head, parts: edits(change.path, row, change.body), merged: false};
}

function checkPart(name: string, path: string, row: PartRow | undefined, guard: Guard): void {
  const current = standingVersion(row);
  if (guard === 'any' ? current > 0 : current === guard) return;
  if (guard === 'any') throw new UnknownPart(name, path);
  throw new StaleVersion(`part ${JSON.stringify(path)} has version ${current}, not ${guard}`, current);
}

function checkRelease(head: HeadRow, guard: Guard): void {
  if (guard === 'any' || head.version === guard) return;
  throw new StaleVersion(`release ${JSON.stringify(head.name)} has version ${head.version}, not ${guard}`, head.version);
}

/** None when the same stands already. */
function edits(path: string, row: PartRow | undefined, body: string | undefined): PartEdit[] {
  return row?.body === body ? [] : [{path, expected: row?.version ?? 0, body}];
}
