import {promisify} from 'node:util';
import {gzip} from 'node:zlib';
import {messageOf} from '../../core/foreign-error.js';
import {InvalidDocument} from '../catalogue-errors.js';
import {MEDIA} from '../server/routes-contract.js';

/** A body as text. */
export interface TextBody {
  readonly text: string;
  readonly type: (typeof MEDIA)[keyof typeof MEDIA];
}

/** A body as it is sent. */
export interface PackedBody {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

const pack = promisify(gzip);

/** A value as JSON. @throws InvalidDocument when it can't be one */
export function jsonBody(value: unknown, type: TextBody['type'] = MEDIA.json): TextBody {
  return {text: textOf(value), type};
}

/** A list as lines of JSON, so that the server names the line that is wrong. @throws InvalidDocument when one can't be JSON */
export function linesBody(values: readonly unknown[]): TextBody {
  // No line at all would be no body at all.
  if (values.length === 0) return jsonBody([]);
  return {text: values.map((value) => `${textOf(value)}\n`).join(''), type: MEDIA.ndjson};
}

/** Packs a body that is larger than `above` bytes. */
export async function packed({text, type}: TextBody, above: number): Promise<PackedBody> {
  const body = Buffer.from(text);
  if (body.byteLength <= above) return {body, headers: {'content-type': type}};
  return {body: await pack(body), headers: {'content-type': type, 'content-encoding': 'gzip'}};
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    throw new InvalidDocument(`what was given is no JSON: ${messageOf(error)}`, undefined, {cause: error});
  }
}
