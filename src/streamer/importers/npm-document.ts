import {parseDigest, parseIntegrity, type NamedDigest} from '../../core/digest.js';
import {ProtocolError} from '../../core/errors.js';
import type {Weighed} from './index-shelf.js';
import {npmSegments} from './npm-path.js';

/** Where a tarball is and what it must be. */
export interface NpmTarball {
  readonly url: string;
  /** Any one of them is good; none: nothing is said of the bytes. */
  readonly digests: readonly NamedDigest[];
  /** Why its digests can't be relied on. */
  readonly fault?: string | undefined;
}

/** What is remembered of a package: its tarballs by file name. */
export interface NpmPackage extends Weighed {
  readonly files: ReadonlyMap<string, NpmTarball>;
}

/** Whose tarballs are the registry's own, and at which origin those of its first host are asked. */
export interface NpmHome {
  readonly origin: string;
  readonly hosts: ReadonlySet<string>;
}

interface Dist {
  tarball?: unknown;
  readonly integrity?: unknown;
  readonly shasum?: unknown;
}

/** A package's metadata document, full or abbreviated (`application/vnd.npm.install-v1+json`). */
export class NpmDocument {
  readonly package: NpmPackage;
  readonly #document: object;
  /** Those of the registry's own tarballs, and the file name that each has here. */
  readonly #own: {readonly dist: Dist; readonly file: string}[] = [];
  readonly #name: string;

  /** @throws ProtocolError when it is no document of that package */
  constructor(body: Buffer, name: string, home: NpmHome) {
    this.#name = name;
    this.#document = parse(body, name);
    const files = new Map<string, NpmTarball>();
    for (const [version, dist] of distsOf(this.#document, name)) {
      const url = ownUrl(dist.tarball, home);
      if (url === undefined) continue;
      const file = fileName(url, files, `${name.replace(/^@[^/]*\//, '')}-${version}.tgz`);
      files.set(file, {url, ...digestsOf(dist)});
      this.#own.push({dist, file});
    }
    this.package = {files, weight: 1 + files.size};
  }

  /** The document with the registry's own tarballs at `origin`; everything else is kept. To be called once. */
  pointingTo(origin: string): Buffer {
    for (const {dist, file} of this.#own) dist.tarball = `${origin}/${npmSegments({name: this.#name, file}).join('/')}`;
    return Buffer.from(JSON.stringify(this.#document));
  }
}

function parse(body: Buffer, name: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new ProtocolError(`the metadata of ${name}: expected JSON, got something else (${body.byteLength} bytes)`, {cause});
  }
  if (!isRecord(parsed)) throw new ProtocolError(`the metadata of ${name}: expected a JSON object`);
  if (parsed.name !== undefined && parsed.name !== name) {
    throw new ProtocolError(`the metadata of ${name}: expected that package, got another's`);
  }
  return parsed;
}

/** Of each version that has one. A package that was taken back has no versions. */
function *distsOf(document: {readonly versions?: unknown}, name: string): Iterable<[string, Dist]> {
  const {versions = {}} = document;
  if (!isRecord(versions)) throw new ProtocolError(`the metadata of ${name}: expected versions as a JSON object`);
  for (const [version, one] of Object.entries(versions)) {
    if (!isRecord(one)) throw new ProtocolError(`the metadata of ${name}: expected a JSON object for version ${version}`);
    if (isRecord(one.dist)) yield [version, one.dist];
  }
}

/** Registries behind a proxy often name themselves by http: what upstream's host has is asked as upstream itself is. */
function ownUrl(tarball: unknown, {origin, hosts}: NpmHome): string | undefined {
  if (typeof tarball !== 'string' || !URL.canParse(tarball)) return undefined;
  const url = new URL(tarball);
  if (!/^https?:$/.test(url.protocol) || !hosts.has(url.host) || url.username !== '' || url.password !== '') return undefined;
  url.hash = '';
  return url.host === new URL(origin).host ? `${origin}${url.pathname}${url.search}` : url.href;
}

/** The name that it has upstream, since lockfiles name it so; another if that is taken or is none. */
function fileName(url: string, taken: ReadonlyMap<string, unknown>, otherwise: string): string {
  const [, name = ''] = /\/([^/?]+)(?:\?.*)?$/.exec(url) ?? [];
  return /^[a-z0-9~@_-][a-z0-9._~+@-]*$/i.test(name) && !taken.has(name) ? name : otherwise;
}

/** What is said of the bytes: the strongest hashes of `integrity`, else the old `shasum`. */
function digestsOf({integrity, shasum}: Dist): {readonly digests: NamedDigest[]; readonly fault?: string} {
  try {
    if (integrity !== undefined && integrity !== null && integrity !== '') return {digests: parseIntegrity(integrity as string)};
    if (shasum === undefined || shasum === null || shasum === '') return {digests: []};
    return {digests: [{algorithm: 'sha1', hex: parseDigest('sha1', shasum as string)}]};
  } catch (thrown) {
    return {digests: [], fault: (thrown as Error).message};
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
