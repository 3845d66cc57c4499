import {show} from '../../core/redact.js';
import {InvalidName} from '../preferences-errors.js';
import {holdsCredentials} from './url-credentials.js';

const SETTING = /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*$/;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;
/** Databases keep UTF-8, which can't say half a character. */
const LONE_SURROGATE = /\p{Surrogate}/u;
const LONGEST_SETTING = 128;
const LONGEST_KEY = 255;

/** A setting's name: lower-case words with dots between, at most 128 bytes, no hyphen. @throws InvalidName */
export function checkSettingName(name: string): string {
  if (typeof name !== 'string' || name.length > LONGEST_SETTING || !SETTING.test(name)) {
    throw new InvalidName(`setting: expected lower-case words with dots between, at most ${LONGEST_SETTING} bytes, got ${show(name)}`);
  }
  return name;
}

/** An owner or a scope: 1 to 255 bytes of text without control characters, and no URL with a password in it. @throws InvalidName */
export function checkKey(kind: 'owner' | 'scope', key: string): string {
  const fits = typeof key === 'string' && key !== '' && Buffer.byteLength(key) <= LONGEST_KEY && !CONTROL.test(key)
    && !LONE_SURROGATE.test(key);
  if (!fits) throw new InvalidName(`${kind}: expected 1 to ${LONGEST_KEY} bytes of text without control characters, got ${show(key)}`);
  if (holdsCredentials(key)) throw new InvalidName(`${kind}: expected a text without the name and password of a URL`);
  return key;
}
