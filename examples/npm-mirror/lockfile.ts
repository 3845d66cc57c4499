import {readFile} from 'node:fs/promises';
import type {PlatformRules} from './platform.js';

/** A package that a lockfile names, once, however often it is installed. */
export interface LockedPackage extends PlatformRules {
  readonly name: string;
  readonly version: string;
  /** W3C integrity text; undefined when the lockfile has none. */
  readonly integrity: string | undefined;
  /** The tarball's address, when the lockfile has one. */
  readonly resolved: string | undefined;
}

/** An entry that can't be mirrored, and why. */
export interface LockfileFault {
  readonly entry: string;
  readonly why: string;
}

/** What a lockfile says. */
export interface Lockfile {
  /** The project that it locks: `name-version`, as far as it says. */
  readonly title: string;
  readonly packages: readonly LockedPackage[];
  readonly faults: readonly LockfileFault[];
  /** Links, workspaces, bundled and local packages: nothing to download. */
  readonly skipped: number;
}

interface Entry extends PlatformRules {
  readonly name?: string;
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
}

// A lockfile may come from anywhere, and these become paths and addresses.
const NAME = /^(?:@[a-z0-9~_-][a-z0-9._~-]*\/)?[a-z0-9~_-][a-z0-9._~-]*$/i;
/** Characters. */
const LONGEST_TITLE = 200;
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9a-z.-]+)?(?:\+[0-9a-z.-]+)?$/i;

/** Reads a package-lock.json of version 2 or 3. @throws TypeError when it is none */
export async function readLockfile(path: string): Promise<Lockfile> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new TypeError(`expected a package-lock.json, ${path} can't be read as one: ${(cause as Error).message}`, {cause});
  }
  return parseLockfile(parsed);
}

/** The packages of a parsed lockfile. @throws TypeError for another version */
export function parseLockfile(parsed: unknown): Lockfile {
  const {lockfileVersion, packages, name, version} = (parsed ?? {}) as
    {lockfileVersion?: unknown; packages?: Readonly<Record<string, Entry>>; name?: unknown; version?: unknown};
  if ((lockfileVersion !== 2 && lockfileVersion !== 3) || typeof packages !== 'object' || packages === null) {
    throw new TypeError(`expected a lockfile of version 2 or 3, got version ${String(lockfileVersion)}`);
  }
  const found = new Map<string, LockedPackage>();
  const faults: LockfileFault[] = [];
  let skipped = 0;
  for (const [key, entry] of Object.entries(packages)) {
    if (!isDownloaded(key, entry)) {
      if (key !== '') skipped++;
      continue;
    }
    const one = packageOf(key, entry);
    const why = faultOf(one) ?? conflictOf(one, found.get(idOf(one)));
    if (why !== undefined) faults.push({entry: key, why});
    else if (!found.has(idOf(one))) found.set(idOf(one), one);
  }
  const title = [name, version].filter((one) => typeof one === 'string' && one !== '').join('-').slice(0, LONGEST_TITLE);
  return {title: title === '' ? 'lockfile' : title, packages: [...found.values()], faults, skipped};
}

/** `name@version`. */
export function idOf({name, version}: LockedPackage): string {
  return `${name}@${version}`;
}

function isDownloaded(key: string, entry: Entry): boolean {
  const local = entry.resolved?.startsWith('file:') === true;
  return key.includes('node_modules/') && entry.link !== true && entry.inBundle !== true && !local;
}

/** The name is where it is installed, unless that is an alias. */
function packageOf(key: string, {name, version, resolved, integrity, os, cpu, libc}: Entry): LockedPackage {
  const place = key.slice(key.lastIndexOf('node_modules/') + 'node_modules/'.length);
  return {name: name ?? place, version: version ?? '', resolved, integrity, os, cpu, libc};
}

function faultOf({name, version, resolved}: LockedPackage): string | undefined {
  if (!NAME.test(name)) return 'expected the name of a package';
  if (!VERSION.test(version)) return 'expected a version such as 1.2.3';
  if (resolved !== undefined && !/^https?:\/\//.test(resolved)) {
    return 'expected the address of a tarball (http or https), got another kind';
  }
  return undefined;
}

function conflictOf(one: LockedPackage, other: LockedPackage | undefined): string | undefined {
  return other === undefined || other.integrity === one.integrity ? undefined : 'the lockfile has two integrities for it';
}
