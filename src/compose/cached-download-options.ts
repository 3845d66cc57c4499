import {misuse} from '../core/options.js';
import {Download} from '../download/download.js';
import type {DownloadOptions} from '../download/download-options.js';
import type {DownloadResult} from '../download/result.js';
import type {ContentStore} from './content-store.js';

/** What a CachedDownload is made with. */
export interface CachedDownloadOptions<A = unknown> extends Omit<DownloadOptions<A>, 'url'> {
  /** What fetches when the store has not got it. Its writer and context are set; give it no other use. */
  download: Download;
  store: ContentStore;
  /** `true`: what is not in the store fails with PolicyRefused, and nothing is asked. @default false */
  offline?: boolean | undefined;
  /** Whether md5, sha1 and others of less than 224 bits may find content. @default false */
  weakDigests?: boolean | undefined;
  /** @default that of `download` */
  url?: string | URL | undefined;
}

/** Where the bytes came from: the store, a fetch of its own, or another download's fetch of the same content. */
export type CachedFrom = 'store' | 'source' | 'shared';

/** What a CachedDownload came to. */
export interface CachedResult<A = unknown> extends DownloadResult<A> {
  /** Undefined when the writer kept what it had. */
  readonly from: CachedFrom | undefined;
  /** What the download that fetched came to, when it was its own. */
  readonly upstream: DownloadResult | undefined;
}

/** Checks what a CachedDownload is made with, beside what every download is. @throws TypeError naming the option */
export function checkCached<A>(options: CachedDownloadOptions<A>): CachedDownloadOptions<A> {
  if (typeof options !== 'object' || options === null) throw misuse('options', options, 'an object such as {download, store}');
  const {download, store, offline, weakDigests} = options;
  if (!(download instanceof Download)) throw misuse('download', download, 'a Download');
  if ('method' in download && download.method === 'HEAD') throw new TypeError('download: expected one that fetches bytes, got a HEAD');
  if (typeof (store as Partial<ContentStore> | undefined)?.spool !== 'function') throw misuse('store', store, 'a ContentStore');
  for (const [name, value] of Object.entries({offline, weakDigests})) {
    if (value !== undefined && typeof value !== 'boolean') throw misuse(name, value, 'true or false');
  }
  return options;
}
