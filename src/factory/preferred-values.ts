import {isPem, type SSLOptions, type TimeoutOptions, type UserOptions} from '../core/settings.js';
import type {Limits} from '../core/limits.js';
import {Secret} from '../core/secret.js';
import {originOf} from '../core/url.js';
import type {BatchOptions} from '../batch/batch.js';
import type {DownloadOptions} from '../download/download-options.js';
import type {ExponentialBackoffOptions} from '../policy/backoff.js';
import type {StandardRetryOptions} from '../policy/retry-policy.js';
import type {FileWriterOptions} from '../writer/file-writer.js';
import type {PreferencePlace, PreferenceView, ResolvedView, SettingView} from './preference-view.js';

/** What preferences say, by the paths of the options. Nothing is there of a setting that nobody set. */
export interface PreferredValues extends Pick<DownloadOptions, 'bandwidth' | 'allowCloseFramed' | 'allowEncoded' | 'retries' | 'maxBytes'> {
  readonly timeout?: TimeoutOptions;
  readonly retry?: ExponentialBackoffOptions & Pick<StandardRetryOptions, 'maxRetryAfter'>;
  readonly maxRedirects?: number;
  readonly limits?: Partial<Limits>;
  readonly batch?: Pick<BatchOptions, 'backlog' | 'concurrency'>;
  readonly segments?: number;
  readonly writer?: Pick<FileWriterOptions, 'exists' | 'durability' | 'resume' | 'mode'>;
  /** A `url` of null: none, whatever else says so. */
  readonly proxyUrl?: {readonly url?: string | null; readonly user?: Partial<UserOptions>};
  readonly proxyRules?: {readonly no?: readonly string[]};
  readonly ssl?: SSLOptions;
  readonly user?: Partial<UserOptions>;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly publicHeaders?: readonly string[];
  readonly context?: {readonly hosts?: readonly string[]};
  readonly mirrors?: readonly string[];
  readonly digests?: readonly string[];
}

/** The option whose null says something: no proxy. */
const PROXY = 'proxyUrl.url';

type Tree = Record<string, unknown>;

/**
 * Reads what is set for a remote, and its secrets as far as they are for the origin (those of the proxy: for the proxy's).
 *
 * @throws an error of the preferences when a setting that protects is not known for sure, or a secret can't be had; TypeError
 */
export async function readValues(preferences: PreferenceView, place: PreferencePlace, origin: string, settings: ResolvedView):
Promise<PreferredValues> {
  const tree: Tree = {};
  const given = preferences.registry.settings.filter((setting) => setting.option !== undefined && isGiven(setting, settings));
  for (const {name, option = '', exposure} of given) {
    const {value} = settings.effective(name);
    if (exposure !== 'secret' && (value !== null || option === PROXY)) put(tree, option, value);
  }
  const proxy = (tree as PreferredValues).proxyUrl?.url ?? undefined;
  for (const {name, option = '', exposure} of given) {
    if (exposure !== 'secret') continue;
    const asked = !option.startsWith('proxyUrl.') ? origin : proxy === undefined ? undefined : originOf(proxy);
    const found = asked === undefined ? undefined : await preferences.secret(place, name, asked);
    if (found !== undefined) put(tree, option, revealed(name, option, found));
  }
  return tree;
}

/** A default of the registry says nothing: whoever is asked has defaults of his own. One of the site does. */
function isGiven({name, default: fallback, exposure}: SettingView, settings: ResolvedView): boolean {
  const {value, source} = settings.effective(name);
  return source !== 'default' || (exposure !== 'secret' && JSON.stringify(value) !== JSON.stringify(JSON.parse(fallback)));
}

/** @throws TypeError for a key that would be taken for a path, and shown where the file is missed */
function revealed(name: string, option: string, found: Secret | Readonly<Record<string, Secret>>): unknown {
  if (!(found instanceof Secret)) return Object.fromEntries(Object.entries(found).map(([header, secret]) => [header, secret.reveal()]));
  const text = found.reveal();
  if (option === 'ssl.clientKey' && !isPem(text)) {
    throw new TypeError(`${name}: expected a key in PEM behind its reference, got something else`);
  }
  return text;
}

function put(tree: Tree, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let at = tree;
  for (const name of names) at = (at[name] ??= {}) as Tree;
  at[last] = value;
}
