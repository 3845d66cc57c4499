import type {Reply} from '../core/contract.js';
import {MismatchError} from '../core/errors.js';
import {HeadValidation} from './head-validation.js';
import {mediaTypeOf} from './media-type.js';
import {enforcement, truth, type ValidationOptions} from './validation-options.js';

/** How an HtmlGuard is made. */
export interface HtmlGuardOptions extends ValidationOptions {
  /** `false`: the bytes alone decide, for servers that call everything text/html. @default true */
  contentType?: boolean | undefined;
}

/** How far a page may be hidden behind white space and comments. */
const REACH = 1024;
const HTML_TYPES = new Set(['text/html', 'application/xhtml+xml']);
/** What may stand before a page: white space, comments, an XML declaration. */
const PROLOGUE = /^(?:[\t\n\f\r ]+|<!--[^]*?-->|<\?xml[^]*?\?>)*/;
const PAGE = /^(?:<!doctype[\t\n\f\r ]+html|<html|<head|<body)(?:[\t\n\f\r />]|$)/;
/** What a page or a part of the prologue begins with. */
const BEGINNINGS = ['<!doctype html', '<html', '<head', '<body', '<!--', '<?xml'];
/** Byte order marks. */
const MARKS = ['efbbbf', 'fffe', 'feff'].map((hex) => Buffer.from(hex, 'hex'));
/** A part of the prologue that has not ended yet. */
const OPEN = /^<(?:!--|\?xml)/;

/**
 * Refuses a web page where a file is due: a login page, an error page sent with status 200, a captive portal. It looks at
 * the Content-Type, and at the first 1,024 bytes for `<!doctype html`, `<html`, `<head` and `<body` in either case, behind
 * a byte order mark, white space, comments and an XML declaration; UTF-16 is read too.
 */
export class HtmlGuard extends HeadValidation {
  readonly contentType: boolean;

  /** @throws TypeError naming the option */
  constructor(options: HtmlGuardOptions = {}) {
    super(enforcement('HtmlGuard', options, ['contentType']), REACH);
    this.contentType = truth('contentType', options.contentType, true);
  }

  /** @throws MismatchError */
  protected override lookAtReply({headers}: Reply): void {
    const type = mediaTypeOf(headers['content-type'] ?? '');
    if (this.contentType && HTML_TYPES.has(type)) refuse(type);
  }

  protected override look(head: Uint8Array, ended: boolean): boolean {
    if (!ended && MARKS.some((mark) => mark.subarray(0, head.length).equals(head))) return false;
    const text = textOf(head);
    const rest = text.slice(PROLOGUE.exec(text)?.[0].length);
    if (!ended && isUndecided(rest)) return false;
    if (PAGE.test(rest)) refuse(`a body that begins with ${PAGE.exec(rest)?.[0].trim() ?? ''}`);
    return true;
  }
}

function refuse(actual: string): never {
  throw new MismatchError(`expected a file, got a web page: ${actual}`, 'no web page', actual);
}

/** Lower case, without byte order mark. Bytes beyond ASCII don't matter, so UTF-16 needs no more than its zeros removed. */
function textOf(head: Uint8Array): string {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  const plain = /^(?:\xff\xfe|\xfe\xff)/.test(text) ? text.slice(2).replaceAll('\0', '') : text.replace(/^\xef\xbb\xbf/, '');
  return plain.toLowerCase();
}

function isUndecided(rest: string): boolean {
  const tight = rest.replace(/^<!doctype[\t\n\f\r ]+/, '<!doctype ');
  return OPEN.test(rest) || BEGINNINGS.some((beginning) => beginning.startsWith(tight));
}
