import type * as Zod from 'zod';
import {CATALOGUE_CODES} from '../catalogue-codes.js';
import {SERVER_CODES} from '../server-codes.js';

/** The zod module, loaded when a server is made. */
export type ZodModule = typeof Zod;

/** What of a schema only its document says. */
export interface SchemaNote {
  /** Its name among the components of the document. */
  readonly id?: string;
  readonly description?: string;
  readonly type?: string;
  readonly pattern?: undefined;
  readonly format?: string;
}

/** The shapes of what is sent and answered (contract.ts in another language), and the registry that names them. */
export type Schemas = ReturnType<typeof schemas>;

/** Makes the schemas; nothing is kept between two calls. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- zod's types are the declaration
export function schemas({z}: ZodModule) {
  const registry = z.registry<SchemaNote>();
  const named = <T extends Zod.ZodType>(id: string, schema: T, description?: string): T => {
    registry.add(schema, {id, ...description !== undefined && {description}});
    return schema;
  };
  const count = z.int().min(0);
  const json = z.unknown();
  const document = z.record(z.string(), json);

  const head = {
    name: z.string(), product: z.string(), schema: count, hashFunction: z.string(), readOnly: z.boolean(), version: count, time: count,
  };
  const releaseHead = named('ReleaseHead', z.strictObject(head), 'time: epoch ms');
  const partState = named('PartState', z.strictObject({path: z.string(), version: count, releaseVersion: count, document}));
  const releaseState = named('ReleaseState', z.strictObject({...head, parts: z.array(partState)}));
  const conflict = named('Conflict', z.strictObject({
    part: z.string(), path: z.string(), kind: z.enum(['both-changed', 'type', 'delete-modify', 'list-not-append-only']),
    index: count.optional(), ancestor: json.optional(), tip: json.optional(), incoming: json.optional(),
  }), 'path: a JSON Pointer inside the part, in which list items are named by their key');
  const row = {
    seq: count, name: z.string(), path: z.string(), partVersion: count, releaseVersion: count, actor: z.string(), time: count,
    operation: z.enum(['create', 'publish', 'patch', 'replace', 'remove', 'set-read-only', 'revert']),
    requestId: z.string(), removed: z.boolean(),
  };
  const change = named('Change', z.strictObject(row));
  const catalogueCode = z.enum(Object.keys(CATALOGUE_CODES) as [keyof typeof CATALOGUE_CODES]);
  const item = named('ItemOutcome', z.strictObject({
    index: count, outcome: z.enum(['added', 'equal', 'refused']),
    code: catalogueCode.optional(), message: z.string().optional(), conflicts: z.array(conflict).optional(),
  }));

  const nothing = z.undefined();
  registry.add(nothing, {description: 'No body'});
  return {
    registry, nothing, releaseHead, releaseState, change, document,
    changeWithDocument: named('ChangeWithDocument', z.strictObject({...row, document: document.optional(), pruned: z.boolean()})),
    documents: named('Documents', z.record(z.string(), document), 'the documents of all parts by their paths'),
    newRelease: named('NewRelease', z.strictObject({
      name: z.string(), product: z.string(), schema: z.int().min(1).max(2 ** 31 - 1).optional(), hashFunction: z.string().optional(),
    })),
    readOnly: named('ReadOnly', z.strictObject({readOnly: z.boolean()})),
    fact: named('Fact', z.strictObject({
      path: z.string(), kind: z.string(), key: z.string().optional(), from: z.string().optional(),
      digest: z.string(), size: count, url: z.string().optional(), more: document.optional(),
    }), 'exactly one of key and from'),
    operation: named('PatchOperation', z.looseObject({
      op: z.enum(['add', 'remove', 'replace', 'move', 'copy', 'test']), path: z.string(), from: z.string().optional(),
      value: json.optional(),
    }), 'RFC 6902'),
    writeResult: named('WriteResult', z.strictObject({
      name: z.string(), version: count, attempts: count, merged: z.boolean(), changes: z.array(change), replayed: z.boolean(),
      items: z.array(item).optional(),
    })),
    partDifference: named('PartDifference', z.strictObject({
      path: z.string(),
      changes: z.array(z.strictObject({
        path: z.string(), change: z.enum(['added', 'removed', 'changed']), before: json.optional(), after: json.optional(),
      })),
    })),
    problem: named('Problem', z.strictObject({
      type: z.string(), title: z.string(), status: z.int(), detail: z.string().optional(),
      code: z.enum([...Object.keys(CATALOGUE_CODES), ...Object.keys(SERVER_CODES)] as [string]),
      retryable: z.boolean(), currentVersion: count.optional(), conflicts: z.array(conflict).optional(),
      pointer: z.string().optional(), index: count.optional(), base: count.optional(), requestId: z.string().optional(),
    }), 'RFC 9457'),
    classicProblem: named('ClassicProblem', z.looseObject({
      type: z.string(), title: z.string(), status: z.int(), detail: z.string(), exception: z.string().optional(),
    })),
    classicRelease: named('ClassicRelease', z.looseObject({
      name: z.string(), schema_version: count, hashFunction: z.string(), platforms: z.record(z.string(), document),
    })),
    classicPut: named('ClassicPut', z.looseObject({
      product: z.string(), data: z.union([z.string(), document]), data_version: z.union([z.string(), count]).optional(),
      schema_version: z.union([z.string(), count]).optional(), hashFunction: z.string().optional(),
      alias: z.union([z.string(), z.array(z.string())]).optional(),
    }), 'data and alias: JSON in a text, as old clients send it, or JSON'),
    classicResult: named('ClassicResult', z.strictObject({new_data_version: count})),
  };
}

/** The parameters of addresses; they come as texts. */
export type Parameters = ReturnType<typeof parameters>;

/** Makes the schemas of parameters; their notes go into the registry of the others. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- zod's types are the declaration
export function parameters({z}: ZodModule, registry: Schemas['registry']) {
  const noted = <T extends Zod.ZodType>(schema: T, note: SchemaNote): T => {
    registry.add(schema, note);
    return schema;
  };
  const integer = (pattern: RegExp, expected: string, description: string) =>
    noted(z.string().regex(pattern, `expected a whole number ${expected}`).transform(Number),
      {type: 'integer', pattern: undefined, description});
  const instant = noted(z.string().transform((text, context) => {
    const time = /^\d{1,15}$/.test(text) ? Number(text) : /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
    if (Number.isNaN(time)) context.addIssue('expected epoch ms, or a date such as 2026-11-22T10:00:00Z');
    return time;
  }), {type: 'string', description: 'epoch ms, or a date such as 2026-11-22T10:00:00Z: the state as it was then'});
  return {
    instant,
    number: (description: string) => integer(/^\d{1,15}$/, 'from 0 on', description),
    positive: (description: string) => integer(/^[1-9]\d{0,14}$/, 'from 1 on', description),
    limit: integer(/^(?:[1-9]\d{0,2}|1000)$/, 'from 1 to 1000', 'from 1 to 1000; 100 when it is left out'),
    oneAtMost: <T extends Zod.ZodObject>(query: T): T =>
      query.refine((values) => Object.keys(values).length < 2, 'expected one moment at most'),
    text: (description: string) => noted(z.string(), {description}),
    flag: (description: string) => noted(z.enum(['true', 'false']).transform((word) => word === 'true'), {description}),
  };
}
