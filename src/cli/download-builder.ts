import {relative, resolve, sep} from 'node:path';
import {checksumsFor, namesFile, type Checksum} from '../batch/checksum-file.js';
import {validationsOf, type ListItem} from '../batch/list-item.js';
import type {JournalItem} from '../batch/batch-journal.js';
import type {SegmentOptions} from '../compose/segment-options.js';
import {SegmentedDownload} from '../compose/segmented-download.js';
import type {ContextView, KeptVersion, Writer} from '../core/contract.js';
import {AllowedHosts} from '../core/allowed-hosts.js';
import type {NamedDigest} from '../core/digest.js';
import {UnsafeName} from '../core/errors.js';
import {nameFromUrl, resolveUnder} from '../core/file-name.js';
import {NarrowedContext} from '../core/narrowed-context.js';
import {misuse} from '../core/options.js';
import {show} from '../core/redact.js';
import {originOf, plainUrl} from '../core/url.js';
import {MirrorDelegate} from '../delegate/mirror-delegate.js';
import type {Download} from '../download/download.js';
import type {ClassOptions} from '../factory/class-options.js';
import {Factory} from '../factory/factory.js';
import type {PreferredSettings} from '../factory/preferred-settings.js';
import {FileWriter} from '../writer/file-writer.js';
import {named} from './flag-values.js';
import {flagsOver} from './prefs/flags-over-preferences.js';
import type {RunPreferences} from './prefs/run-preferences.js';
import type {TransferSettings} from './transfer-settings.js';

/** What the command remembers of an item. */
export interface ItemNote {
  /** Its place in the list, or its line, from 1. */
  readonly number: number;
}

/** What is given beside the flags; `pieces` and `sources` count with `--segments` only. */
export interface BuilderOptions extends Readonly<Pick<SegmentOptions, 'pieces' | 'sources'>> {
  readonly context: ContextView;
  /** What they say of each origin; flags say more. @default none */
  readonly preferences?: RunPreferences | undefined;
  /** What relative addresses are resolved against. */
  readonly base?: string | undefined;
  /** The digests that every item must have. */
  readonly checksums?: readonly Checksum[] | undefined;
  /** What names a file whose address doesn't, for messages. @default '--output' */
  readonly naming?: string | undefined;
  /** The version that is at the target. */
  readonly ifChanged?: KeptVersion | undefined;
}

/** C0, C1, line and paragraph separators, and the marks that turn the direction of writing round. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** Makes configured downloads of items: one Factory for each origin, so that nothing is told to another one. */
export class DownloadBuilder {
  readonly #settings: TransferSettings;
  readonly #options: BuilderOptions;
  readonly #factories = new Map<string, Factory>();
  #home: string | undefined;

  /** @throws TypeError when the base is no http or https URL that ends in a slash */
  constructor(settings: TransferSettings, options: BuilderOptions) {
    this.#settings = settings;
    this.#options = options;
    const {base} = options;
    if (base === undefined) return;
    const {href, origin} = plainUrl('--base', base, ['http:', 'https:']);
    if (!new URL(href).pathname.endsWith('/')) throw misuse('--base', base, 'a URL that ends in a slash');
    this.#home = origin;
  }

  /** The absolute path that an item goes to, always below the folder of the settings. @throws UnsafeName, TypeError */
  pathOf(item: ListItem): string {
    const root = this.#settings.folder;
    const folder = item.folder === undefined ? root : resolve(root, item.folder);
    if (folder !== root && !folder.startsWith(root.endsWith(sep) ? root : root + sep)) {
      throw new UnsafeName(`dir: expected a folder below ${root} (--dir names another), got ${show(item.folder)}`, folder);
    }
    const name = item.name ?? nameOf(this.#resolve(item.url), this.#options.naming ?? '--output');
    if (CONTROL.test(name) || CONTROL.test(folder)) {
      throw new UnsafeName(`expected a name without control characters, got ${show(name)}`, name);
    }
    return resolveUnder(folder, name);
  }

  /** A writer for the file of an item. */
  fileWriter(path: string, root?: string): FileWriter {
    const {exists, durability, resume, mode} = this.#settings;
    return new FileWriter(path, {exists, durability, root, resume, mode});
  }

  /** An item as a journal knows it. @throws TypeError, RangeError as `build` does */
  journalItem(item: ListItem, path: string): JournalItem {
    const url = this.#resolve(item.url);
    return {url, path, digests: this.#digestsOf(item, url, path)};
  }

  /**
   * A download of the item, ready to run.
   *
   * @throws TypeError, RangeError for a bad address or header, an unknown scheme, an item that the checksums don't name,
   * or a second origin where a flag is for one only; the errors of the preferences
   */
  async build(item: ListItem, writer: Writer, number: number, path?: string): Promise<Download<ItemNote>> {
    const url = withUser(this.#resolve(item.url), item);
    const {origin} = plainUrl('url', url);
    this.#checkHome(origin);
    const preferred = isWeb(origin) ? await this.#options.preferences?.for(origin) : undefined;
    const factory = this.#factories.get(origin) ?? this.#factoryFor(origin, preferred);
    const validations = validationsOf({...item, digests: this.#digestsOf(item, url, path)});
    const options = {...preferred?.download, ...this.#classOptions()};
    const download = factory.build<ItemNote>(url, {writer, validations, attachment: {number}, options});
    this.#factories.set(origin, factory);
    if (item.headers !== undefined) download.headers = {...download.headers, ...item.headers};
    this.#addMirrors(download, item, preferred);
    return download;
  }

  #resolve(url: string): string {
    if (URL.canParse(url)) return url;
    const {base} = this.#options;
    if (base === undefined || !URL.canParse(url, base)) {
      throw misuse('url', url, base === undefined ? 'an absolute URL (--base makes relative ones absolute)' : 'a URL');
    }
    return new URL(url, base).href;
  }

  #checkHome(origin: string): void {
    const [flag] = this.#settings.bound;
    this.#home ??= origin;
    if (flag === undefined || origin === this.#home) return;
    throw new TypeError(`${flag}: expected addresses of one origin (${this.#home}), got one of ${origin}; `
      + '--netrc and headers of items serve several');
  }

  #factoryFor(origin: string, preferred: PreferredSettings | undefined): Factory {
    const {segments} = this.#settings;
    const {context} = this.#options;
    const schemes = segments === undefined ? undefined : {http: SegmentedDownload, https: SegmentedDownload};
    if (!isWeb(origin)) return new Factory({context, schemes});
    const narrowed = preferred?.hosts === undefined ? context : new NarrowedContext(context, new AllowedHosts('hosts', preferred.hosts));
    const settings = {settings: () => flagsOver(preferred, this.#settings, origin)};
    return new Factory({remote: {url: `${origin}/`}, settings, context: narrowed, schemes});
  }

  #classOptions(): ClassOptions {
    const {segments} = this.#settings;
    const {ifChanged, pieces, sources} = this.#options;
    return segments === undefined ? {ifChanged} : {ifChanged, segments, pieces, sources};
  }

  #digestsOf(item: ListItem, url: string, path: string | undefined): NamedDigest[] {
    return [...item.digests ?? [], ...this.#listed(item, url, path)];
  }

  /** Those of preferences have what the origin has; a metalink names all the addresses that there are. */
  #addMirrors(download: Download<ItemNote>, item: ListItem, preferred: PreferredSettings | undefined): void {
    const mirrors = [...item.mirrors ?? [], ...this.#settings.mirrors];
    const {base, sources} = this.#options;
    const origin = originOf(download.url);
    const {mirrors: others = []} = sources === undefined ? preferred?.settings() ?? {} : {};
    if (mirrors.length === 0 && others.length > 0) {
      new MirrorDelegate({mirrors: others, original: 'first', base: `${origin}/`}).attach(download);
    }
    if (mirrors.length === 0) return;
    const isBelow = base !== undefined && originOf(base) === origin;
    new MirrorDelegate({mirrors, original: 'first', base: isBelow ? base : undefined}).attach(download);
  }

  /** What `--checksums` says of an item: looked up by the path of its address, its name in the list, and that of the file. */
  #listed(item: ListItem, url: string, path: string | undefined): readonly NamedDigest[] {
    const {checksums} = this.#options;
    if (checksums === undefined) return [];
    const below = path === undefined ? undefined : relative(this.#settings.folder, path).split(sep).join('/');
    const names = [pathOfUrl(url), item.name, below].filter((name) => name !== undefined);
    const known = names.find((name) => checksums.some((entry) => namesFile(entry, name)));
    return named('--checksums', () => checksumsFor(checksums, known ?? nameFromUrl(url, {fallback: '_'})));
  }
}

function isWeb(origin: string): boolean {
  return origin.startsWith('http:') || origin.startsWith('https:');
}

/** The decoded path of an address; as it stands where it is no UTF-8. */
function pathOfUrl(url: string): string {
  const {pathname} = new URL(url);
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

function nameOf(url: string, naming: string): string {
  try {
    return nameFromUrl(url);
  } catch (cause) {
    const message = `expected an address that ends in a file name, got ${show(url)}; ${naming} names the file`;
    throw new UnsafeName(message, undefined, {cause});
  }
}

/** The login of an item, in the address, from where the download lifts it out. */
function withUser(url: string, {user}: ListItem): string {
  if (user === undefined) return url;
  const parsed = new URL(url);
  parsed.username = encodeURIComponent(user.name);
  parsed.password = encodeURIComponent(typeof user.password === 'string' ? user.password : '');
  return parsed.href;
}
