import type {Command} from 'commander';
import type {Change, PartMoment, PartState, ReleaseCatalogue} from '../../catalogue/contract.js';
import type {Json, JsonObject} from '../../core/json.js';
import {misuse} from '../../core/options.js';
import {parseCount} from '../flag-values.js';
import {formatBytes} from '../quantities.js';
import type {Desk} from './catalogue-desk.js';
import {PLACE, TOKEN_FILE, withCatalogue, type PlaceFlags} from './catalogue-place.js';
import {shortOf} from './conflict-table.js';
import {textTable} from './text-table.js';

interface ReadFlags extends PlaceFlags {
  readonly release?: string | undefined;
  readonly atVersion?: string | undefined;
  readonly at?: string | undefined;
  readonly limit?: string | undefined;
  readonly after?: string | undefined;
  readonly json?: boolean | undefined;
}

type Print = Desk['print'];
type Read = (place: ReleaseCatalogue, args: readonly string[], flags: ReadFlags, print: Print) => Promise<void>;

/** Rows of a page. */
const PAGE = 1000;

/** `jupiter catalogue list|show|history|diff|changes|export`. */
export function addReading(catalogue: Command, finish: (code: number) => void): void {
  const add = (usage: string, description: string, read: Read): Command => {
    const [name = '', ...args] = usage.split(' ');
    const command = catalogue.command(name).description(description).option(...PLACE).option(...TOKEN_FILE);
    for (const arg of args) command.argument(arg);
    return command.action(async (...given: unknown[]) => {
      const flags = given[args.length] as ReadFlags;
      const words = given.slice(0, args.length).filter((word) => typeof word === 'string');
      finish(await withCatalogue(name, {flags, env: process.env}, ({catalogue: place}, {print}) => read(place, words, flags, print)));
    });
  };
  const json = ['--json', 'print JSON'] as const;
  add('list', 'the releases', list).option(...json);
  add('show <RELEASE> [PATH]', 'a release, or one part of it', show).option(...json)
    .option('--at-version <N>', 'as it was at this version of the release').option('--at <TIME>', 'as it was then: 2026-01-31T12:00:00Z');
  add('history <RELEASE> [PATH]', 'who changed what, newest first', history).option(...json).option('--limit <N>', 'rows (default: 100)');
  add('diff <RELEASE> <FROM> <TO>', 'what changed between two versions of a release', diff).option(...json);
  add('changes', 'the feed of all changes, oldest first, one JSON a line', changes)
    .option('--after <SEQ>', 'only those after this one (default: 0)').option('--release <NAME>', 'of one release');
  add('export [RELEASE]', 'releases as they are, one JSON a line', exported);
}

const list: Read = async (place, _args, {json}, print) => {
  const rows: string[][] = [];
  for await (const head of heads(place)) {
    if (json === true) await print(JSON.stringify(head));
    else rows.push([head.name, head.product, `version ${head.version}`, new Date(head.time).toISOString(), head.readOnly ? 'read-only' : '']);
  }
  if (json !== true) await printTable(['release', 'product', 'version', 'changed', ''], rows, print);
};

const show: Read = async (place, [name = '', path], flags, print) => {
  const moment = momentOf(flags);
  if (path !== undefined) {
    const part = await place.getPart(name, path, moment);
    await print(flags.json === true ? JSON.stringify(part) : JSON.stringify(part.document, undefined, 2));
    return;
  }
  const state = await place.get(name, moment);
  if (flags.json === true) {
    await print(JSON.stringify(state));
    return;
  }
  await print(`${state.name}  ${state.product}  version ${state.version}${state.readOnly ? '  read-only' : ''}  ${new Date(state.time).toISOString()}`);
  await printTable(['part', 'version', 'list', 'key', 'size', 'digest'], state.parts.flatMap(factRows), print);
};

const history: Read = async (place, [name = '', path], {json, limit}, print) => {
  const rows = await place.history(name, {path, limit: limit === undefined ? undefined : parseCount('--limit', limit, 1)});
  if (json === true) for (const row of rows) await print(JSON.stringify(row));
  else await printTable(['version', 'part', 'what', 'who', 'when'], rows.map(changeRow), print);
};

const diff: Read = async (place, [name = '', from = '', to = ''], {json}, print) => {
  const parts = await place.diff(name, parseCount('FROM', from, 0), parseCount('TO', to, 0));
  if (json === true) {
    await print(JSON.stringify(parts));
    return;
  }
  const rows = parts.flatMap(({path: part, changes: all}) => all.map(({path, change, before, after}) =>
    [`${part}${path}`, change, shortOf(before, process.stdout), shortOf(after, process.stdout)]));
  await printTable(['path', 'what', 'before', 'after'], rows, print);
};

const changes: Read = async (place, _args, {after, release}, print) => {
  let last = after === undefined ? 0 : parseCount('--after', after, 0);
  for (;;) {
    const page = await place.changes({after: last, name: release, limit: PAGE});
    for (const change of page) await print(JSON.stringify(change));
    if (page.length < PAGE) return;
    last = page.at(-1)?.seq ?? last;
  }
};

const exported: Read = async (place, [only], _flags, print) => {
  if (only !== undefined) {
    await print(JSON.stringify(await place.get(only)));
    return;
  }
  for await (const {name} of heads(place)) await print(JSON.stringify(await place.get(name)));
};

async function printTable(head: readonly string[], rows: readonly (readonly string[])[], print: Print): Promise<void> {
  for (const line of textTable(head, rows)) await print(line);
}

async function *heads(place: ReleaseCatalogue): ReturnType<ReleaseCatalogue['list']> extends Promise<(infer H)[]> ? AsyncGenerator<H> : never {
  let after: string | undefined;
  for (;;) {
    const page = await place.list({after, limit: PAGE});
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.name;
  }
}

function momentOf({atVersion, at}: ReadFlags): PartMoment {
  const time = at === undefined ? undefined : Date.parse(at);
  if (Number.isNaN(time)) throw misuse('--at', at, 'a time such as 2026-01-31T12:00:00Z');
  return {version: atVersion === undefined ? undefined : parseCount('--at-version', atVersion, 1), at: time};
}

/** The facts of a part; other members are a row without digest. */
function factRows({path, version, document}: PartState): string[][] {
  const rows = Object.entries(document).flatMap(([name, value]) => (Array.isArray(value) ? value as readonly Json[] : [value])
    .map((item) => [name, item] as const));
  if (rows.length === 0) return [[path, String(version), '-', '-', '-', '-']];
  return rows.map(([name, item], at) => {
    const fact = isObject(item) ? item : {};
    const {key = fact.from, size, digest} = fact;
    const place = at === 0 ? [path, String(version)] : ['', ''];
    const named = shortOf(key ?? (isObject(item) ? undefined : item), process.stdout);
    return [...place, name, named, typeof size === 'number' ? formatBytes(size) : '-', shortOf(digest, process.stdout)];
  });
}

function changeRow({releaseVersion, path, partVersion, operation, removed, actor, time}: Change): string[] {
  const part = path === '' ? '(head)' : `${path} #${partVersion}`;
  return [String(releaseVersion), part, removed ? `${operation} (removed)` : operation, actor, new Date(time).toISOString()];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
