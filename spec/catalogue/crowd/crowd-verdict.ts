import {isDeepStrictEqual} from 'node:util';
import type {Change, Fact, ReleaseCatalogue} from '../../../src/catalogue/contract.js';
import type {JsonObject} from '../../../src/core/json.js';

/** What is found of a crowd's facts, and of the history that they made. */
export interface CrowdVerdict {
  /** Items in the lists of all parts. */
  readonly facts: number;
  /** Facts that no part has, or has with other content. */
  readonly lost: number;
  /** Items that nobody published, or that are there twice. */
  readonly strange: number;
  /** History rows. */
  readonly rows: number;
  /** What is wrong with the numbers, the order, the documents and the times of the history. */
  readonly violations: readonly string[];
}

const PAGE = 1000;
/** Past states that are read as a whole. */
const SAMPLES = 12;
const LISTS = ['completes', 'partials', 'facts'] as const;

/** Reads all of a release that is the only one in its catalogue: facts, feed, history, documents, and states of the past. */
export async function crowdVerdict(catalogue: ReleaseCatalogue, release: string, facts: readonly Fact[]): Promise<CrowdVerdict> {
  const changes = await feedOf(catalogue);
  const violations = [...numbersOf(changes), ...await historyOf(catalogue, release, changes)];
  const documents = await replay(catalogue, changes, violations);
  await lookBack(catalogue, release, {changes, documents, violations});
  const {parts} = await catalogue.get(release);
  const found = parts.flatMap(({path, document}) => listsOf(document).flat().map((item) => fingerprint(path, item)));
  const wanted = new Set(facts.map(({path, digest, size, url, key, from}) =>
    fingerprint(path, {digest, size, url, ...(key === undefined ? {from} : {key})} as JsonObject)));
  const there = new Set(found);
  return {
    facts: found.length, lost: [...wanted].filter((one) => !there.has(one)).length,
    strange: found.length - [...there].filter((one) => wanted.has(one)).length, rows: changes.length, violations,
  };
}

async function feedOf(catalogue: ReleaseCatalogue): Promise<Change[]> {
  const changes: Change[] = [];
  for (let page: Change[] | undefined; page === undefined || page.length === PAGE;) {
    page = await catalogue.changes({after: changes.at(-1)?.seq ?? 0, limit: PAGE});
    changes.push(...page);
  }
  return changes;
}

/** Places in the feed, versions of the release and versions of each part, all from 1 without a gap. */
function numbersOf(changes: readonly Change[]): string[] {
  const last = new Map<string, number>();
  return changes.flatMap(({seq, releaseVersion, path, partVersion}, at) => {
    const expected = (last.get(path) ?? 0) + 1;
    last.set(path, partVersion);
    return [
      ...seq === at + 1 ? [] : [`row ${at + 1} of the feed has seq ${seq}`],
      ...releaseVersion === at + 1 ? [] : [`row ${at + 1} of the feed made release version ${releaseVersion}`],
      ...partVersion === expected ? [] : [`row ${at + 1}: ${path} has version ${partVersion}, expected ${expected}`],
    ];
  });
}

/** The history of the release is the feed, read backwards. */
async function historyOf(catalogue: ReleaseCatalogue, release: string, changes: readonly Change[]): Promise<string[]> {
  const rows: Change[] = [];
  for (let page: Change[] | undefined; page === undefined || page.length === PAGE;) {
    page = await catalogue.history(release, {before: rows.at(-1)?.releaseVersion, limit: PAGE});
    rows.push(...page);
  }
  return isDeepStrictEqual(rows.reverse(), changes) ? [] : ['the history is not the feed'];
}

/** Each document is the one before it and one fact more; resolves to the documents after each change, of the part changed. */
async function replay(catalogue: ReleaseCatalogue, changes: readonly Change[], violations: string[]): Promise<(JsonObject | undefined)[]> {
  const tips = new Map<string, JsonObject>();
  const documents: (JsonObject | undefined)[] = [];
  for (const {seq, path} of changes) {
    const {document} = await catalogue.change(seq);
    documents.push(document);
    if (path === '') continue;
    if (document === undefined || !isOneMore(tips.get(path) ?? {}, document)) {
      violations.push(`change ${seq} of ${path} is not the one before and a fact`);
    }
    tips.set(path, document ?? {});
  }
  return documents;
}

function isOneMore(before: JsonObject, after: JsonObject): boolean {
  const [old, now] = [listsOf(before), listsOf(after)];
  const added = now.reduce((sum, list, at) => sum + list.length - (old[at]?.length ?? 0), 0);
  return added === 1 && now.every((list, at) => isDeepStrictEqual(list.slice(0, old[at]?.length), old[at]));
}

interface Past {
  readonly changes: readonly Change[];
  readonly documents: readonly (JsonObject | undefined)[];
  readonly violations: string[];
}

/** Some versions, the last included, and the same moments by the clock, are what the replay says. */
async function lookBack(catalogue: ReleaseCatalogue, release: string, {changes, documents, violations}: Past): Promise<void> {
  for (let sample = 1; sample <= SAMPLES; sample++) {
    const version = Math.ceil(changes.length * sample / SAMPLES);
    const expected = new Map<string, JsonObject | undefined>();
    for (const [at, {path}] of changes.slice(0, version).entries()) if (path !== '') expected.set(path, documents[at]);
    const {parts} = sample === SAMPLES ? await catalogue.get(release) : await catalogue.get(release, {version});
    if (!isDeepStrictEqual(new Map(parts.map(({path, document}) => [path, document])), new Map([...expected].sort(byPath)))) {
      violations.push(`version ${version} is not what the changes up to it make`);
    }
    const {time} = changes[version - 1] as Change;
    const wanted = changes.findLast((change) => change.time <= time)?.releaseVersion;
    const {version: got} = await catalogue.get(release, {at: time});
    if (got !== wanted) violations.push(`at ${time} it had version ${wanted}, and version ${got} is shown`);
  }
}

function byPath([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1;
}

function listsOf(document: JsonObject): JsonObject[][] {
  return LISTS.map((list) => (document[list] ?? []) as JsonObject[]);
}

function fingerprint(path: string, {key, from, digest, size, url}: JsonObject): string {
  return JSON.stringify([path, key ?? null, from ?? null, digest, size, url]);
}
