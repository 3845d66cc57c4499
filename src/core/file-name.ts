import {isAbsolute, resolve} from 'node:path';
import {UnsafeName} from './errors.js';
import {show} from './redact.js';

/** The most bytes (UTF-8) that file systems take for one name. */
export const LONGEST_NAME = 255;
/** Extensions longer than this are not kept when a name is cut. */
const LONGEST_EXTENSION = 32;

/** Controls, lone surrogates, line separators, byte order mark, and marks that turn the writing direction. */
const INVISIBLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/** Names that mean a device on Windows, whatever their extension. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)\s*(?:\.|$)/i;
const ESCAPES = /(?:%[0-9a-f]{2})+/gi;
const DRIVE = /^[a-z]:/i;

/** How a name is made safe. */
export interface FileNameOptions {
  /** The name to take when nothing of the raw one is left. */
  fallback?: string | undefined;
  /** The raw name has no percent escapes any more. @default false */
  decoded?: boolean | undefined;
}

/**
 * Makes one file name of a name from elsewhere (Content-Disposition, a URL): percent escapes are decoded once, then only
 * what follows the last `/` or `\` stays; without controls, dots and spaces at either end, and drive letters; in Unicode
 * form NFC; device names get a `_` in front; cut to 255 bytes, keeping the extension. What still looks like an escape
 * after decoding loses its `%`, so decoding twice does no harm. A safe name stays as it is.
 *
 * @throws UnsafeName when nothing is left and there is no fallback
 */
export function safeFileName(raw: string, options: FileNameOptions = {}): string {
  let name = options.decoded === true ? raw : decodeOnce(raw);
  for (let before = ''; name !== before;) {
    before = name;
    name = tidy(name);
  }
  if (name !== '') return name;
  if (options.fallback !== undefined) return safeFileName(options.fallback);
  throw new UnsafeName(`no file name can be made of ${show(raw)}`);
}

/** The safe file name at the end of a URL's path. @throws UnsafeName when there is none and no fallback */
export function nameFromUrl(url: string | URL, options: FileNameOptions = {}): string {
  return safeFileName(new URL(url).pathname, options);
}

/**
 * Equal for paths that would be one file on a file system that ignores case or Unicode form. It compares by full
 * upper-casing, so it finds rather too many (`ß` and `ss`) than too few.
 */
export function collisionKey(path: string): string {
  return path.normalize('NFC').toUpperCase().normalize('NFC');
}

/**
 * The absolute path of a relative one below `root`, with both kinds of separators looked at whatever the system.
 *
 * @throws UnsafeName for `..`, absolute paths, drive letters, NUL, and what names no file below the root
 */
export function resolveUnder(root: string, relative: string): string {
  const segments = relative.split(/[/\\]/);
  const why = relative.includes('\0') ? 'it holds a NUL'
    : /^[/\\]/.test(relative) || isAbsolute(relative) ? 'it is absolute'
      : DRIVE.test(relative) ? 'it begins with a drive letter'
        : segments.includes('..') ? 'it leaves its folder'
          : segments.every((segment) => segment === '' || segment === '.') || /[/\\]\.?$/.test(relative) ? 'it names no file' : undefined;
  if (why !== undefined) throw new UnsafeName(`unsafe path ${show(relative)}: ${why}`, relative);
  return resolve(root, relative);
}

/** The longest beginning of a text that has at most so many bytes (UTF-8) and ends between two characters. */
export function truncateBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let size = 0;
  let end = 0;
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > bytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}

function tidy(name: string): string {
  const last = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const plain = last.replace(INVISIBLE, '').normalize('NFC').replace(DRIVE, '').replace(/%(?=[0-9a-f]{2})/gi, '_');
  const trimmed = trim(plain);
  return trim(cut(DEVICE.test(trimmed) ? `_${trimmed}` : trimmed));
}

function trim(name: string): string {
  return name.replace(/^[\s.]+|[\s.]+$/g, '');
}

/** At most 255 bytes, with the extension (`.gz`, and `.tar.gz` too) at the end. */
function cut(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  const extension = /(?:\.tar)?\.[^.\s]+$/iu.exec(name)?.[0] ?? '';
  const kept = Buffer.byteLength(extension) <= LONGEST_EXTENSION ? extension : '';
  return truncateBytes(name.slice(0, name.length - kept.length), LONGEST_NAME - Buffer.byteLength(kept)) + kept;
}

/** Escapes that are no UTF-8 stay as they are. */
function decodeOnce(text: string): string {
  return text.replace(ESCAPES, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}
