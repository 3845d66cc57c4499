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
}

/** The path of a package below the archive. */
export function poolPath({name, version, architecture}: DebianPackage): string {
  return `pool/main/${name.slice(0, 1)}/${name}/${name}_${version}_${architecture}.deb`;
}

/** Puts a small archive on a server: one suite, component `main`, architecture `amd64`. @returns what its lists hold, by path */
export function offerArchive(server: ScriptedServer, packages: readonly DebianPackage[],
  options: DebianArchiveOptions = {}): Map<string, Buffer> {
  const {base = '/debian', suite = 'stable', byHash = true, lists = ['Packages.gz']} = options;
  const plain = Buffer.from(packages.map((one) => {
    const {name, version, architecture, content, control} = one;
    return [`Package: ${name}`, ...control === undefined ? [`Version: ${version}`, `Architecture: ${architecture}`] : [control],
      `Filename: ${poolPath(one)}`, `Size: ${Buffer.byteLength(content)}`, `SHA256: ${hexOf('sha256', content)}`, '', ''].join('\n');
  }).join(''));
  const files = new Map(lists.map((name) => [`main/binary-amd64/${name}`, name.endsWith('.gz') ? gzipSync(plain) : plain]));
  const sums = [...files].map(([path, body]) => ` ${hexOf('sha256', body)} ${body.byteLength} ${path}`);
  const head = ['Origin: Spec', `Suite: ${suite}`, `Codename: ${suite}`, 'Architectures: amd64', 'Components: main',
    'Date: Thu, 01 Jan 2026 00:00:00 UTC', ...byHash ? ['Acquire-By-Hash: yes'] : []];
  const release = [...head, 'SHA256:', ...sums, ''].join('\n');
  const dists = `${base}/dists/${suite}`;
  const signed = ['-----BEGIN PGP SIGNED MESSAGE-----', 'Hash: SHA256', '', `${release}-----BEGIN PGP SIGNATURE-----`, '', 'x', ''];
  server.on(`${dists}/InRelease`, {body: signed.join('\n')});
  server.on(`${dists}/Release`, {body: release});
  for (const [path, body] of files) {
    server.on(`${dists}/${path}`, {body});
    if (byHash) server.on(`${dists}/main/binary-amd64/by-hash/SHA256/${hexOf('sha256', body)}`, {body});
  }
  for (const one of packages) server.on(`${base}/${encoded(poolPath(one))}`, {body: one.content});
  return files;
}

/** As apt asks for it. */
export function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
