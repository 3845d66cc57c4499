import type {FastifyReply} from 'fastify';
import type {Fact, NewRelease, Patch, Target, WriteResult} from '../contract.js';
import {InvalidDocument} from '../merge/invalid-document.js';
import {isObject, type Json, type JsonObject} from '../../core/json.js';
import type {Asked, Handlers, Workshop} from './handlers.js';
import {entityTag, preconditionOf, type Precondition} from './preconditions.js';
import {badRequest} from './problem.js';
import {nameOf, pointerOf, releasePath} from './url-names.js';

type WriteName = 'createRelease' | 'removeRelease' | 'setReadOnly' | 'publishFacts' | 'revertChange'
  | 'replaceParts' | 'patchParts' | 'replacePart' | 'patchPart' | 'removePart';

/** The handlers of the routes that write. */
export function writeHandlers({catalogue, targets, feed, writeOptions}: Workshop): Handlers<WriteName> {
  /** @param version of what the client now knows whole; undefined: others wrote to it too, so it gets no tag (RFC 9110, 9.3.4) */
  const written = ({reply}: {readonly reply: FastifyReply}, result: WriteResult, version?: number): WriteResult => {
    if (result.changes.length > 0 && !result.replayed) feed.wake();
    if (version !== undefined) reply.header('etag', entityTag(version));
    return result;
  };
  const replace = async <N extends 'replaceParts' | 'replacePart'>(asked: Asked<N>, target: Target): Promise<WriteResult> => {
    const precondition = preconditionOf(asked.request.headers);
    const result = await targets.replace(target, objectIn(asked.body), precondition, writeOptions(asked));
    return written(asked, result, knownVersion(target, precondition, result));
  };
  const patch = async <N extends 'patchParts' | 'patchPart'>(asked: Asked<N>, target: Target): Promise<WriteResult> => {
    const precondition = preconditionOf(asked.request.headers);
    const result = await targets.patch(target, asked.body as Patch, precondition, writeOptions(asked));
    return written(asked, result, knownVersion(target, precondition, result));
  };
  const remove = async <N extends 'removeRelease' | 'removePart'>(asked: Asked<N>, target: Target): Promise<WriteResult> =>
    written(asked, await targets.remove(target, preconditionOf(asked.request.headers), writeOptions(asked)));

  return {
    createRelease: async (asked) => {
      const {name, ...release} = asked.body as NewRelease & {readonly name: string};
      const result = await catalogue.create(name, release, writeOptions(asked));
      const made = result.changes.length > 0;
      asked.reply.code(made ? 201 : 200).header('location', releasePath(name));
      return written(asked, result, made ? result.version : undefined);
    },
    publishFacts: async (asked) => {
      const {params, query: {perItem, product, ...more}, body} = asked;
      if (product === undefined && Object.keys(more).length > 0) throw badRequest('schema and hashFunction need product');
      if (!Array.isArray(body)) throw new InvalidDocument('', 'expected a list of facts');
      const create = product === undefined ? undefined : {product, ...more};
      const result = await catalogue.publish(nameOf(params.name), body as Fact[], {...writeOptions(asked), create, perItem});
      return written(asked, result);
    },
    removeRelease: (asked) => remove(asked, {name: nameOf(asked.params.name)}),
    replaceParts: (asked) => replace(asked, {name: nameOf(asked.params.name)}),
    patchParts: (asked) => patch(asked, {name: nameOf(asked.params.name)}),
    replacePart: (asked) => replace(asked, {name: nameOf(asked.params.name), path: pointerOf(asked.params['*'])}),
    patchPart: (asked) => patch(asked, {name: nameOf(asked.params.name), path: pointerOf(asked.params['*'])}),
    removePart: (asked) => remove(asked, {name: nameOf(asked.params.name), path: pointerOf(asked.params['*'])}),
    setReadOnly: async (asked) => {
      const {params, request, body} = asked;
      const {readOnly} = body as {readonly readOnly: boolean};
      const precondition = preconditionOf(request.headers);
      const result = await targets.setReadOnly(nameOf(params.name), readOnly, precondition, writeOptions(asked));
      return written(asked, result, precondition.kind === 'versions' ? result.version : undefined);
    },
    revertChange: async (asked) => {
      const precondition = preconditionOf(asked.request.headers);
      const options = writeOptions(asked);
      const ifVersion = onlyVersion(precondition);
      const result = await catalogue.revert(asked.params.seq, {...options, ifVersion});
      return written(asked, result, result.changes[0]?.partVersion);
    },
  };
}

/** The version of which the client knows every word: what it sent, or made of what it had, and nothing was merged into it. */
function knownVersion({path}: Target, precondition: Precondition, result: WriteResult): number | undefined {
  if (path === undefined) return precondition.kind === 'versions' ? result.version : undefined;
  return result.merged ? undefined : result.changes.find((change) => change.path === path)?.partVersion;
}

/** What a revert is guarded by; undefined: nothing. */
function onlyVersion(precondition: Precondition): number | 'any' | undefined {
  if (precondition.kind === 'none') return undefined;
  if (precondition.kind === 'any') return 'any';
  const [version, ...others] = precondition.kind === 'versions' ? precondition.versions : [];
  if (version === undefined || others.length > 0) throw badRequest('expected If-Match with one version of the part, or nothing');
  return version;
}

function objectIn(body: unknown): JsonObject {
  if (!isObject(body as Json)) throw new InvalidDocument('', 'expected an object');
  return body as JsonObject;
}
