import {StaleVersion} from '../catalogue-errors.js';
import type {Target, WriteOptions, WriteResult} from '../contract.js';
import {equalJson} from '../merge/equal-json.js';
import {isObject, type Json, type JsonObject} from '../../core/json.js';
import {formatPointer} from '../merge/json-pointer.js';
import {readJson} from '../merge/json-reader.js';
import {classicBadRequest} from './classic-problem.js';
import {classicRelease, fromClassic, localePath, toClassic} from './classic-shape.js';
import type {Handlers, Workshop} from './handlers.js';
import {orAbsent} from './targets.js';

type ClassicName = 'classicToken' | 'classicRelease' | 'classicLocale' | 'putClassicLocale';

/** Old clients ask for a token against forged forms, with an end in its first half. There are no cookies here, so none is needed. */
const CSRF_TOKEN = '29991231235959##none';

/** The body of a PUT, as it is checked before. */
interface ClassicPut {
  readonly product: string;
  readonly data: string | JsonObject;
  readonly data_version?: string | number | undefined;
  readonly schema_version?: string | number | undefined;
  readonly hashFunction?: string | undefined;
  readonly alias?: string | readonly string[] | undefined;
  readonly copyTo?: unknown;
}

/** The handlers of the interface of 2017: an old submitter works, and stops failing. */
export function classicHandlers({catalogue, feed, writeOptions}: Workshop): Handlers<ClassicName> {
  /** The names of a platform's other names. Each is a part of its own, made once. */
  const addAliases = async (name: string, platform: string, aliases: readonly string[], options: WriteOptions): Promise<void> => {
    for (const alias of aliases) {
      try {
        await catalogue.replace({name, path: formatPointer([alias])}, {alias: platform}, {...options, requestId: undefined, ifVersion: 0});
      } catch (error) {
        // There already, by another locale of the platform.
        if (!(error instanceof StaleVersion)) throw error;
      }
    }
  };
  const merge = (target: Target, document: JsonObject, releaseBase: number, options: WriteOptions): Promise<WriteResult> =>
    catalogue.patch(target, [{op: 'add', path: '', value: document}], {...options, releaseBase});

  return {
    classicToken: async ({reply}) => {
      reply.header('x-csrf-token', CSRF_TOKEN).header('cache-control', 'no-store');
      return undefined;
    },
    classicRelease: async ({params, reply}) => {
      const release = await catalogue.get(params.name);
      reply.header('x-data-version', release.version).header('x-csrf-token', CSRF_TOKEN);
      return classicRelease(release);
    },
    classicLocale: async ({params: {name, platform, locale}, reply}) => {
      // The release's version is read first, so that the document is never older than the base that is told.
      const {version} = await catalogue.get(name);
      const {document} = await catalogue.getPart(name, localePath(platform, locale), {version});
      reply.header('x-data-version', version).header('x-csrf-token', CSRF_TOKEN);
      return toClassic(document);
    },
    putClassicLocale: async (asked) => {
      const {params: {name, platform, locale}, body, reply} = asked;
      const put = body as ClassicPut;
      const document = fromClassic(objectIn(put.data));
      const options = writeOptions(asked);
      const base = await baseOf(put);
      const target = {name, path: localePath(platform, locale)};
      const before = await orAbsent(catalogue.getPart(name, target.path));
      const result = await merge(target, document, base, options);
      await addAliases(name, platform, aliasesIn(put.alias), options);
      if (result.changes.length > 0) feed.wake();
      reply.code(before === undefined ? 201 : 200);
      // The version that the client may go on from with what it has. Of what was merged it has only a part: its base stays the old one.
      const {document: stands} = await catalogue.getPart(name, target.path, {version: result.version});
      return {new_data_version: equalJson(stands, document) ? result.version : base};

      /** The base that the client says, of a release that is made when it is missing. */
      async function baseOf({product, data_version: version, schema_version: schema, hashFunction}: ClassicPut): Promise<number> {
        if (put.copyTo !== undefined && put.copyTo !== '' && put.copyTo !== '[]') throw classicBadRequest('copyTo is not supported');
        const release = await orAbsent(catalogue.get(name));
        if (release === undefined) {
          if (schema === undefined) throw classicBadRequest('schema_version is required');
          const made = {product, schema: numberIn('schema_version', schema), ...hashFunction !== undefined && {hashFunction}};
          return (await catalogue.create(name, made, {...options, requestId: undefined})).version;
        }
        if (version === undefined) throw classicBadRequest('Release exists, data_version must be provided');
        const differs = (what: string, given: string, there: string): Error =>
          classicBadRequest(`${what} '${given}' doesn't match the one on the release object ('${there}') for release '${name}'`);
        if (product !== release.product) throw differs('Product name', product, release.product);
        const {hashFunction: known} = release;
        if (hashFunction !== undefined && hashFunction !== known) throw differs('hashFunction', hashFunction, known);
        return numberIn('data_version', version);
      }
    },
  };
}

function objectIn(data: string | JsonObject): JsonObject {
  const value: Json = typeof data === 'string' ? readJson(data, {maxBytes: Buffer.byteLength(data)}) : data;
  if (!isObject(value)) throw classicBadRequest('data: expected an object');
  return value;
}

function aliasesIn(alias: string | readonly string[] | undefined): readonly string[] {
  const list: unknown = typeof alias === 'string' && alias !== '' ? readJson(alias, {maxBytes: Buffer.byteLength(alias)}) : alias ?? [];
  if (list === '') return [];
  if (!Array.isArray(list) || !list.every((name) => typeof name === 'string')) throw classicBadRequest('alias: expected a list of names');
  return list;
}

function numberIn(name: string, value: string | number): number {
  if (/^[1-9]\d{0,8}$/.test(String(value))) return Number(value);
  throw classicBadRequest(`${name}: expected a whole number`);
}
