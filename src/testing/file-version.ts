import {createHash} from 'node:crypto';
import {misuse} from '../core/options.js';

/** What a server says of the version of a file (RFC 9110, 8.8). */
export interface FileValidator {
  /** With its quotes, and `W/` when it is weak. @default none */
  readonly etag?: string | undefined;
  /** A text is sent as it stands. @default none */
  readonly lastModified?: Date | string | undefined;
  /** The Date header; `false` sends none. @default the time of the answer */
  readonly date?: Date | string | false | undefined;
}

/**
 * The usual cases, made from the bytes, so that other bytes get another validator: a strong ETag; a weak one; a
 * Last-Modified years before Date; one a second before Date, which can't tell two versions apart; nothing.
 */
export type ValidatorKind = 'strong' | 'weak' | 'date' | 'young-date' | 'none';

/** A version of a file, as the conditions of requests are judged against it. */
export class FileVersion {
  readonly #etag: string | undefined;
  readonly #lastModified: string | undefined;
  readonly #date: string | false | undefined;

  /** @throws RangeError for a kind that it doesn't know */
  constructor(bytes: Uint8Array, validator: ValidatorKind | FileValidator) {
    const {etag, lastModified, date} = typeof validator === 'string' ? made(validator, bytes) : validator;
    this.#etag = etag;
    this.#lastModified = textOf(lastModified);
    this.#date = date === false ? false : textOf(date);
  }

  /** The headers that tell it. */
  get headers(): [string, string][] {
    const date = this.#date === false ? undefined : this.#date ?? new Date().toUTCString();
    return [['Date', date], ['ETag', this.#etag], ['Last-Modified', this.#lastModified]]
      .filter((pair): pair is [string, string] => pair[1] !== undefined);
  }

  /** Whether If-Range (13.1.5) lets the range through: the same strong validator, compared byte by byte; a weak tag never does. */
  isSame(ifRange: string): boolean {
    return ifRange.startsWith('"') ? ifRange === this.#etag : ifRange === this.#lastModified && !this.#young;
  }

  /** Whether If-Match (13.1.1) or If-Unmodified-Since (13.1.4) demands another version. */
  fails(headers: Readonly<Record<string, string>>): boolean {
    const {'if-match': match, 'if-unmodified-since': since} = headers;
    if (match !== undefined) return match !== '*' && !tagsOf(match).some((tag) => tag === this.#etag && !tag.startsWith('W/'));
    return since !== undefined && this.#lastModified !== undefined && Date.parse(this.#lastModified) > Date.parse(since);
  }

  /** Whether If-None-Match (13.1.2) or If-Modified-Since (13.1.3) names this version. */
  isKnown(headers: Readonly<Record<string, string>>): boolean {
    const {'if-none-match': tags, 'if-modified-since': since} = headers;
    if (tags !== undefined) return tags === '*' || tagsOf(tags).some((tag) => weak(tag) === weak(this.#etag ?? ''));
    return since !== undefined && this.#lastModified !== undefined && Date.parse(this.#lastModified) <= Date.parse(since);
  }

  /** Less than 60 s older than Date: not strong (8.8.2.2). */
  get #young(): boolean {
    const date = typeof this.#date === 'string' ? Date.parse(this.#date) : Date.now();
    return date - Date.parse(this.#lastModified ?? '') < 60_000;
  }
}

function made(kind: ValidatorKind, bytes: Uint8Array): FileValidator {
  const hash = createHash('sha256').update(bytes).digest();
  const tag = `"${hash.toString('hex').slice(0, 16)}"`;
  const modified = Date.UTC(2020, 0, 1) + hash.readUInt32BE() % 1e8 * 1000;
  switch (kind) {
    case 'strong': return {etag: tag};
    case 'weak': return {etag: `W/${tag}`};
    case 'date': return {lastModified: new Date(modified)};
    case 'young-date': return {lastModified: new Date(modified), date: new Date(modified + 1000)};
    case 'none': return {};
    default: throw misuse('validator', kind, 'strong, weak, date, young-date, none or an object');
  }
}

function textOf(time: Date | string | undefined): string | undefined {
  return typeof time === 'string' ? time : time?.toUTCString();
}

function tagsOf(list: string): string[] {
  return list.match(/(?:W\/)?"[^"]*"/g) ?? [];
}

function weak(tag: string): string {
  return tag.replace(/^W\//, '');
}
