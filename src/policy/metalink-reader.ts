import {SaxesParser, type SaxesTagNS} from 'saxes';
import {ValidationError} from '../core/errors.js';
import {show} from '../core/redact.js';
import type {Metalink, MetalinkFile} from './metalink.js';
import {MetalinkFileBuilder, PiecesBuilder} from './metalink-builder.js';

const NAMESPACE = 'urn:ietf:params:xml:ns:metalink';
/** The names that are not in our namespace lead here, and so does everything below them. */
const FOREIGN = '';
const DEEPEST = 16;
const MOST_FILES = 10_000;
const MOST_URLS = 10_000;
const MOST_PIECES = 1_000_000;
/** Fed in slices, so that a refusal ends the work early. */
const SLICE = 64 * 1024;

/** The elements whose text counts. */
const LEAVES = new Set(['metalink/file/size', 'metalink/file/hash', 'metalink/file/url', 'metalink/file/pieces/hash']);

/** Reads one document, element by element; throws what the parser or a bound says. */
export class MetalinkReader {
  readonly #parser = new SaxesParser({xmlns: true});
  /** The way to the element that is open, each as a path of names. */
  readonly #open: string[] = [];
  readonly #files = new Map<string, MetalinkFile>();
  #file: MetalinkFileBuilder | undefined;
  #pieces: PiecesBuilder | undefined;
  #attributes: SaxesTagNS['attributes'] = {};
  #text = '';
  #urls = 0;
  #hashes = 0;

  constructor() {
    this.#parser.on('xmldecl', ({encoding}) => {
      if (encoding !== undefined && !/^(?:utf-?8|us-ascii)$/i.test(encoding)) refuse(`its encoding is ${show(encoding)}, expected UTF-8`);
    });
    this.#parser.on('doctype', () => refuse('it has a document type declaration'));
    this.#parser.on('opentag', (tag) => { this.#begin(tag); });
    this.#parser.on('closetag', () => { this.#end(); });
    this.#parser.on('text', (text) => { this.#gather(text); });
    this.#parser.on('cdata', (text) => { this.#gather(text); });
  }

  /** @throws ValidationError, and whatever the parser throws */
  read(text: string): Metalink {
    for (let at = 0; at < text.length; at += SLICE) this.#parser.write(text.slice(at, at + SLICE));
    this.#parser.close();
    return Object.freeze({files: Object.freeze([...this.#files.values()])});
  }

  #begin(tag: SaxesTagNS): void {
    if (this.#open.length >= DEEPEST) refuse(`it is nested deeper than ${DEEPEST} levels`);
    const above = this.#open.at(-1);
    const path = pathOf(tag, above);
    if (above === undefined && path !== 'metalink') refuse(`its root is no metalink element of ${NAMESPACE}`);
    if (LEAVES.has(above ?? FOREIGN)) refuse(`it has an element inside of ${above ?? ''}`);
    this.#open.push(path);
    if (path === FOREIGN) return;
    this.#attributes = tag.attributes;
    this.#text = '';
    if (path === 'metalink/file') this.#beginFile();
    if (path === 'metalink/file/pieces') this.#pieces = new PiecesBuilder(this.#attribute('type'), this.#attribute('length'));
    if (path === 'metalink/file/url' && ++this.#urls > MOST_URLS) refuse(`it has more than ${MOST_URLS} addresses`);
    if (path === 'metalink/file/pieces/hash' && ++this.#hashes > MOST_PIECES) refuse(`it has more than ${MOST_PIECES} piece hashes`);
  }

  #beginFile(): void {
    if (this.#files.size >= MOST_FILES) refuse(`it has more than ${MOST_FILES} files`);
    this.#file = new MetalinkFileBuilder(this.#attribute('name'));
    if (this.#files.has(this.#file.path)) refuse(`it has two files of the name ${show(this.#file.path)}`);
  }

  #gather(text: string): void {
    if (LEAVES.has(this.#open.at(-1) ?? FOREIGN)) this.#text += text;
  }

  #end(): void {
    const path = this.#open.pop() ?? FOREIGN;
    const file = this.#file;
    if (file === undefined || path === FOREIGN) return;
    const text = this.#text.trim();
    switch (path) {
      case 'metalink/file/size': file.setSize(text); break;
      case 'metalink/file/hash': file.addHash(this.#attribute('type'), text); break;
      case 'metalink/file/url': file.addUrl(text, this.#attribute('priority'), this.#attribute('location')); break;
      case 'metalink/file/pieces/hash': this.#pieces?.add(text); break;
      case 'metalink/file/pieces': file.addPieces(this.#pieces?.build()); break;
      case 'metalink/file': {
        const built = file.build();
        this.#files.set(built.path, built);
        this.#file = undefined;
        break;
      }
    }
    this.#text = '';
  }

  #attribute(name: string): string | undefined {
    return this.#attributes[name]?.value;
  }
}

function pathOf({uri, local}: SaxesTagNS, above: string | undefined): string {
  if (uri !== NAMESPACE || above === FOREIGN) return FOREIGN;
  return above === undefined ? local : `${above}/${local}`;
}

function refuse(why: string): never {
  throw new ValidationError(`the metalink is refused: ${why}`);
}
