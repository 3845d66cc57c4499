import {createHash} from 'node:crypto';
import type {KeptVersion} from '../../../src/core/contract.js';
import type {DownloadResult} from '../../../src/download/result.js';
import type {Importer, Resource, StreamRequest} from '../../../src/streamer/importer.js';
import {BufferWriter} from '../../../src/writer/buffer-writer.js';

/** How clients reach the streamer in these specs. */
export const ORIGIN = 'http://streamer.example:8080';

/** A request as the streamer gives it to an importer. */
export function requestFor(path: string, more: Partial<StreamRequest> = {}): StreamRequest {
  return {method: 'GET', path, query: '', headers: {}, origin: ORIGIN, ...more};
}

/** What the importer has at a path. @throws Error when it has nothing */
export async function resolved(importer: Importer, path: string, more: Partial<StreamRequest> = {}): Promise<Resource> {
  const resource = await importer.resolve?.(requestFor(path, more));
  if (resource === undefined) throw new Error(`nothing at ${path}`);
  return resource;
}

/** Downloads it as the streamer would, without a store. */
export async function fetched(resource: Resource, known?: KeptVersion): Promise<{readonly body: Buffer; readonly result: DownloadResult}> {
  const download = resource.download(known);
  const writer = new BufferWriter();
  download.writer = writer;
  download.retries = 0;
  const result = await download.run();
  return {body: writer.content(), result};
}

/** What a client is given: fetched, and rewritten where the resource says so. */
export async function served(importer: Importer, path: string, more: Partial<StreamRequest> = {}): Promise<string> {
  const resource = await resolved(importer, path, more);
  const {body} = await fetched(resource);
  return (await resource.transform?.(body, requestFor(path, more)) ?? body).toString();
}

export function hexOf(algorithm: string, content: string | Uint8Array): string {
  return createHash(algorithm).update(content).digest('hex');
}

/** As npm writes it. */
export function integrityOf(content: string | Uint8Array): string {
  return `sha512-${createHash('sha512').update(content).digest('base64')}`;
}
