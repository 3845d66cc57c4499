import type {Reply} from './contract.js';
import {UnsafeName} from './errors.js';
import {safeFileName, type FileNameOptions} from './file-name.js';

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const TYPE = new RegExp(`^[ \\t]*${TOKEN}[ \\t]*(?=;|$)`);
/** A `;` and, unless there is nothing more, a name and its token or quoted text (RFC 6266, 4.1; RFC 9110, 5.6). */
const PARAMETER = new RegExp(`^;[ \\t]*(?:(${TOKEN})[ \\t]*=[ \\t]*(?:(${TOKEN})|"((?:[^"\\\\]|\\\\[^])*)")[ \\t]*)?(?=;|$)`);
/** RFC 8187, 3.2.1: charset, language, and text of which only the attr-chars stand for themselves. */
const EXTENDED = /^(utf-8|iso-8859-1)'[0-9a-z-]*'((?:%[0-9a-f]{2}|[!#$&+.^_`|~0-9a-z-])+)$/i;

/**
 * The safe file name of a Content-Disposition field (RFC 6266): that of `filename*` (RFC 8187), else that of `filename`.
 * Undefined when there is none, when no safe name can be made of it, and when the field is broken or has a parameter twice:
 * what one reader takes for this name another may take for that one. The disposition type doesn't matter.
 */
export function nameFromContentDisposition(field: string): string | undefined {
  const parameters = parse(field);
  const extended = decodeExtended(parameters?.get('filename*') ?? '');
  const plain = parameters?.get('filename');
  return (extended === undefined ? undefined : nameOf(extended, {decoded: true}))
    ?? (plain === undefined ? undefined : nameOf(decodeBytes(plain), {}));
}

/** The safe file name that a reply gives its body, if it does; else take that of the URL (`nameFromUrl`). */
export function nameFromReply(reply: Pick<Reply, 'headers'>): string | undefined {
  const field = reply.headers['content-disposition'];
  return field === undefined ? undefined : nameFromContentDisposition(field);
}

/** Parameters by lower-case name; undefined unless the whole field is well-formed. */
function parse(field: string): Map<string, string> | undefined {
  const type = TYPE.exec(field);
  if (type === null) return undefined;
  const found = new Map<string, string>();
  for (let rest = field.slice(type[0].length); rest !== '';) {
    const match = PARAMETER.exec(rest);
    if (match === null) return undefined;
    rest = rest.slice(match[0].length);
    const [, name, token, quoted] = match;
    if (name === undefined) continue;
    if (found.has(name.toLowerCase())) return undefined;
    // An extended value is never quoted (RFC 8187, 3.2.1), so a quoted one says nothing.
    found.set(name.toLowerCase(), token ?? (name.endsWith('*') ? '' : (quoted ?? '').replace(/\\([^])/g, '$1')));
  }
  return found;
}

function decodeExtended(value: string): string | undefined {
  const [, charset, text] = EXTENDED.exec(value) ?? [];
  if (charset === undefined || text === undefined) return undefined;
  const bytes = Buffer.from(text.replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(parseInt(hex, 16))), 'latin1');
  return charset.toLowerCase() === 'utf-8' ? asUtf8(bytes) : bytes.toString('latin1');
}

/** Fields come as latin1, one character a byte; many servers put UTF-8 there. */
function decodeBytes(text: string): string {
  return /^[\0-\xff]*$/.test(text) ? asUtf8(Buffer.from(text, 'latin1')) ?? text : text;
}

function asUtf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
  } catch {
    return undefined;
  }
}

function nameOf(raw: string, options: FileNameOptions): string | undefined {
  try {
    return safeFileName(raw, options);
  } catch (error) {
    if (error instanceof UnsafeName) return undefined;
    throw error;
  }
}
