import {SegmentedDownload, type SegmentedDownloadOptions} from '../compose/segmented-download.js';
import type {SegmentOptions} from '../compose/segment-options.js';
import type {KeptVersion} from '../core/contract.js';
import {HttpDownload, type HttpDownloadOptions} from '../download/http-download.js';
import type {DownloadClass} from '../factory/factory.js';

/** What a file is fetched with that no Remote says. */
export interface DownloadExtras extends Pick<SegmentOptions, 'segments' | 'pieces' | 'sources'> {
  /** The version that is at the target. */
  readonly ifChanged?: KeptVersion | undefined;
}

/** The classes by which files are fetched so; undefined: the usual ones. */
export function schemesFor({segments, pieces, sources, ifChanged}: DownloadExtras): Record<string, DownloadClass> | undefined {
  if (segments === undefined && ifChanged === undefined) return undefined;
  const found = segments === undefined
    ? class extends HttpDownload {
      constructor(options: HttpDownloadOptions) {
        super({...options, ifChanged});
      }
    }
    : class extends SegmentedDownload {
      constructor(options: SegmentedDownloadOptions) {
        super({...options, ifChanged, segments, pieces, sources});
      }
    };
  return {http: found, https: found};
}
