import {gzipSync} from 'node:zlib';
import type {ScriptedServer} from '../../../src/testing/scripted-server.js';
import {hexOf} from './asking.js';

/** A package of a DebianArchive. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** What the pool has under its name. */
  readonly content: string | Uint8Array;
  /** What the list says, beside where it is and what digest it has. */
  readonly control?: string | undefined;
}

/** A source package of a DebianArchive. */
export interface DebianSource {
  readonly name: string;
  readonly version: string;
  /** What the pool has, by file name. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

/** What leads from one version of a list to another: a script for `ed`. */
export interface DebianDiff {
  /** Without `.gz`. */
  readonly name: string;
  readonly patch: string;
  /** Digest and size of the list that it starts from. @default none */
  readonly from?: string | undefined;
}

/** How an archive is laid out. */
export interface DebianArchiveOptions {
  /** The folder that has `dists/` and `pool/`. @default '/debian' */
  readonly base?: string | undefined;
  /** @default 'stable' */
  readonly suite?: string | undefined;
  /** @default true */
  readonly byHash?: boolean | undefined;
  /** @default ['Packages.gz'] */
  readonly lists?: readonly string[] | undefined;
  readonly sources?: readonly DebianSource[] | undefined;
  /** What the Release names of them. @default ['Sources.gz'] where there are sources */
  readonly sourceLists?: readonly string[] | undefined;
  /** Those of the list of packages. @default no folder for them */
  readonly diffs?: readonly DebianDiff[] | undefined;
}

/** Below the suite's folder. */
export const DIFFS = 'main/binary-amd64/Packages.diff';

/** The path of a package below the archive. */
export function poolPath({name, version, architecture}: DebianPackage): string {
  return `pool/main/${name.slice(0, 1)}/${name}/${name}_${version}_${architecture}.deb`;
}

/** The folder of a source package below the archive. */
export function sourceFolder({name}: DebianSource): string {
  return `pool/main/${name.slice(0, 1)}/${name}`;
}

/** What a list says. */
export function packagesText(packages: readonly DebianPackage[]): string {
  return packages.map((one) => {
    const {name, version, architecture, content, control} = one;
    return [`Package: ${name}`, ...control === undefined ? [`Version: ${version}`, `Architecture: ${architecture}`] : [control],
      `Filename: ${poolPath(one)}`, `Size: ${Buffer.byteLength(content)}`, `SHA256: ${hexOf('sha256', content)}`, '', ''].join('\n');
  }).join('');
}

/** Puts a small archive on a server: one suite, component `main`, architecture `amd64`. @returns what its Release names, by path */
export function offerArchive(server: ScriptedServer, packages: readonly DebianPackage[],
  options: DebianArchiveOptions = {}): Map<string, Buffer> {
  const {base = '/debian', suite = 'stable', byHash = true, lists = ['Packages.gz'], sources = [], diffs} = options;
  const {sourceLists = sources.length === 0 ? [] : ['Sources.gz']} = options;
  const plain = packagesText(packages);
  const files = new Map([
    ...lists.map((name) => [`main/binary-amd64/${name}`, packed(name, plain)] as const),
    ...sourceLists.map((name) => [`main/source/${name}`, packed(name, sourcesText(sources))] as const),
    ...diffs === undefined ? [] : [[`${DIFFS}/Index`, Buffer.from(diffsText(plain, diffs))] as const],
  ]);
  const head = ['Origin: Spec', `Suite: ${suite}`, `Codename: ${suite}`, 'Architectures: amd64', 'Components: main',
    'Date: Thu, 01 Jan 2026 00:00:00 UTC', ...byHash ? ['Acquire-By-Hash: yes'] : []];
  const release = [...head, 'SHA256:', ...[...files].map(([path, body]) => summed(path, body)), ''].join('\n');
  const dists = `${base}/dists/${suite}`;
  const signed = ['-----BEGIN PGP SIGNED MESSAGE-----', 'Hash: SHA256', '', `${release}-----BEGIN PGP SIGNATURE-----`, '', 'x', ''];
  server.on(`${dists}/InRelease`, {body: signed.join('\n')});
  server.on(`${dists}/Release`, {body: release});
  for (const [path, body] of files) {
    server.on(`${dists}/${path}`, {body});
    if (byHash) server.on(`${dists}/${path.replace(/[^/]*$/, '')}by-hash/SHA256/${hexOf('sha256', body)}`, {body});
  }
  for (const {name, patch} of diffs ?? []) {
    for (const form of [name, `${name}.gz`]) server.on(`${dists}/${DIFFS}/${form}`, {body: packed(form, patch)});
  }
  for (const one of packages) server.on(`${base}/${encoded(poolPath(one))}`, {body: one.content});
  for (const one of sources) {
    for (const [name, body] of Object.entries(one.files)) server.on(`${base}/${encoded(`${sourceFolder(one)}/${name}`)}`, {body});
  }
  return files;
}

function sourcesText(sources: readonly DebianSource[]): string {
  return sources.map((one) => {
    const sums = (algorithm: string): string[] => Object.entries(one.files).map(([name, body]) => summed(name, body, algorithm));
    return [`Package: ${one.name}`, `Binary: ${one.name}`, `Version: ${one.version}`, 'Architecture: any', 'Format: 3.0 (quilt)', 'Files:',
      ...sums('md5'), 'Checksums-Sha256:', ...sums('sha256'), 'Package-List: ', ` ${one.name} deb x optional arch=any`,
      `Directory: ${sourceFolder(one)}`, '', ''].join('\n');
  }).join('');
}

/** As Debian's: merged diffs, each leading to the newest list. */
function diffsText(list: string, diffs: readonly DebianDiff[]): string {
  const packedDiffs = diffs.map(({name, patch}) => [`${name}.gz`, packed('.gz', patch)] as const);
  const sections = {
    'SHA256-History': diffs.map(({name, from = `${hexOf('sha256', name)} 1`}) => ` ${from} ${name}`),
    'SHA256-Patches': diffs.map(({name, patch}) => summed(name, patch)),
    'SHA256-Download': packedDiffs.map(([name, body]) => summed(name, body)),
  };
  return [`SHA256-Current: ${hexOf('sha256', list)} ${Buffer.byteLength(list)}`,
    ...Object.entries(sections).flatMap(([name, lines]) => [`${name}:`, ...lines]), 'X-Patch-Precedence: merged', ''].join('\n');
}

function summed(name: string, body: string | Uint8Array, algorithm = 'sha256'): string {
  return ` ${hexOf(algorithm, body)} ${Buffer.byteLength(body)} ${name}`;
}

function packed(name: string, text: string): Buffer {
  return name.endsWith('.gz') ? gzipSync(text) : Buffer.from(text);
}

/** As apt asks for it. */
export function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
