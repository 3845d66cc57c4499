import type {DownloadOptions} from '../download/download-options.js';

const BUILD = 'use the option of build itself';
const REMOTE = 'use the Remote';

/** What the Factory or its Remote decides, and what to use instead. */
const OWNED = {
  url: 'use the first argument of build', context: 'use the context of the Factory', roots: 'use the fileRoots of the Factory',
  writer: BUILD, validations: BUILD, attachment: BUILD, delegates: BUILD,
  headers: 'use the Remote, or set download.headers', publicHeaders: REMOTE,
  user: REMOTE, credentials: REMOTE, ssl: REMOTE, proxyUrl: REMOTE,
} as const;

type OwnedOption = keyof typeof OWNED;

/**
 * Options of the class that a Factory picks: any that the class knows, but those that the Factory or its Remote decides.
 * The ones that every download has are typed.
 */
export type ClassOptions = Readonly<Omit<DownloadOptions, OwnedOption> & Partial<Record<OwnedOption, never>> & Record<string, unknown>>;

/** Those that are given: undefined ones are left out. @throws TypeError naming one that the Factory or its Remote decides */
export function checkClassOptions(options: ClassOptions | undefined): object {
  const given: unknown = options ?? {};
  // What is no plain object may be a secret, so only its type is told.
  if (options === null || typeof given !== 'object' || Array.isArray(given)) {
    throw new TypeError(`build.options: expected an object such as {ifChanged}, got ${kindOf(options)}`);
  }
  const entries = Object.entries(given as object);
  for (const [name] of entries) {
    if (Object.hasOwn(OWNED, name)) throw new TypeError(`build.options.${name}: owned by the framework; ${OWNED[name as OwnedOption]}`);
  }
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
}
