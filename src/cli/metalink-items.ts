import type {ListItem} from '../batch/list-item.js';
import {DownloadError} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import {MetalinkDelegate} from '../delegate/metalink-delegate.js';
import {parseMetalink, type MetalinkFile} from '../policy/metalink.js';
import type {BuilderOptions} from './download-builder.js';
import type {GetFlags} from './get-flags.js';
import {readSource} from './named-source.js';
import type {Desk} from './transfer.js';

/** A file of a metalink, ready to be fetched. */
export interface MetalinkItem {
  readonly item: ListItem;
  /** Takes the download through the file's addresses. */
  readonly delegate: MetalinkDelegate;
  /** For `--segments`. */
  readonly extras: Pick<BuilderOptions, 'pieces' | 'sources'>;
}

/**
 * The files that `--metalink`, a file or an address, describes; undefined without the flag.
 *
 * @param home the origin that logins and headers are for
 * @throws TypeError naming the flag; DownloadError when the address can't be fetched
 */
export async function metalinkItems({metalink, allowUnverified}: GetFlags, home: string | undefined,
  desk: Desk): Promise<MetalinkItem[] | undefined> {
  if (metalink === undefined) return undefined;
  const document = await readSource('--metalink', metalink, home, desk);
  let files: readonly MetalinkFile[];
  try {
    ({files} = parseMetalink(document));
  } catch (cause) {
    if (!(cause instanceof DownloadError)) throw cause;
    throw new TypeError(`--metalink: expected a Metalink 4 document, got one of which ${messageOf(cause)}`, {cause});
  }
  if (files.length === 0) throw new TypeError('--metalink: expected a document that describes a file, got one without any');
  return files.map((file) => {
    const {path, pieces, urls} = file;
    const [first] = urls;
    if (first === undefined) throw new TypeError(`--metalink: expected an http address of ${path}, got none`);
    return {item: {url: first.url, name: path}, delegate: new MetalinkDelegate({document, file: path, allowUnverified}),
      extras: {pieces, sources: urls.map(({url}) => url)}};
  });
}
