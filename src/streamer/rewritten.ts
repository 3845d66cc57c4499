import {createHash} from 'node:crypto';
import type {HeaderMap} from '../core/contract.js';
import {TooLarge} from '../core/errors.js';
import type {Representation} from './answer.js';
import type {Resource, StreamRequest} from './importer.js';
import type {OpenFile} from './open-file.js';

/** The largest document that is rewritten, bytes. */
export const LARGEST_DOCUMENT = 64 * 1024 * 1024;
/** What the upstream said of other bytes. */
const OF_THE_ORIGINAL = ['etag', 'last-modified', 'content-digest', 'repr-digest', 'digest', 'content-length', 'content-md5'];

/** A document as one client gets it. */
export interface Rewritten {
  readonly representation: Representation & {readonly size: number};
  readonly body: Buffer;
}

/** The whole of a stored document. @throws TooLarge, WriterError */
export async function documentIn(file: Pick<OpenFile, 'read'>, size: number): Promise<Buffer> {
  if (size > LARGEST_DOCUMENT) throw new TooLarge(`a document of ${size} bytes is not rewritten`, LARGEST_DOCUMENT);
  return file.read(0, size);
}

/** Rewrites a document for a request: it gets a validator of its own. @throws what the importer's `transform` throws */
export async function rewrite(resource: Resource, request: StreamRequest, original: Buffer, headers: HeaderMap): Promise<Rewritten> {
  const body = await resource.transform?.(original, request) ?? original;
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  return {representation: {headers: {...withoutOriginal(headers), etag}, size: body.byteLength}, body};
}

/** The headers of a document that is not rewritten yet. */
export function withoutOriginal(headers: HeaderMap): HeaderMap {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_ORIGINAL.includes(name)));
}
