import {createHash} from 'node:crypto';
import {normaliseAlgorithm, parseDigest, type NamedDigest} from '../core/digest.js';
import {wantedContent} from '../compose/wanted-content.js';
import type {Download} from '../download/download.js';
import type {Importer, Resource, StreamRequest} from './importer.js';

/** Asks an importer, in either of its two forms. Undefined: it knows nothing of the request. */
export async function resourceOf(importer: Importer, request: StreamRequest): Promise<Resource | undefined> {
  if (importer.resolve !== undefined) {
    const resource = await importer.resolve(request);
    return resource?.digest === undefined ? resource : withPlainDigest(resource, resource.digest);
  }
  const download = await importer.getDownload?.(request);
  return download === undefined ? undefined : ofDownload(download);
}

/** Digests are compared as text: importers may write them as they found them. @throws TypeError, RangeError */
function withPlainDigest(resource: Resource, {algorithm, hex}: NamedDigest): Resource {
  const {key, immutable, ttl} = resource;
  const digest = {algorithm: normaliseAlgorithm(algorithm), hex: parseDigest(algorithm, hex)};
  const plain: Resource = {key, immutable, ttl, digest, download: (known, range) => resource.download(known, range)};
  return resource.transform === undefined ? plain
    : {...plain, transform: async (body, request) => await resource.transform?.(body, request) ?? body};
}

/** A download by itself: what it asks and with which headers is the key, the digest that it demands makes it immutable. */
function ofDownload(download: Download): Resource {
  const headers = Object.entries(download.headers).sort(([one], [other]) => one < other ? -1 : 1);
  // The headers may hold credentials, which are no part of a file on disk.
  const identity = createHash('sha256').update(JSON.stringify(headers)).digest('hex');
  const digests = wantedContent(download.validations, 'sha256', false)?.digests;
  const digest = digests?.length === 1 ? digests[0] : undefined;
  const url = createHash('sha256').update(download.originalUrl).digest('hex');
  return {key: `${url} ${identity}`, download: () => download, digest};
}
