import {InvalidDocument} from './invalid-document.js';
import type {Json} from '../../core/json.js';
import {checkDepth, checkName, checkNumber, checkText} from './json-limits.js';
import {formatPointer} from './json-pointer.js';

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const WORDS: Readonly<Record<string, boolean | null>> = {true: true, false: false, null: null};
/** A backslash or a control character, which are the only ones below the space: all that a plain text has not. */
const SPECIAL = /[^ -[\]-\uffff]/;
const [QUOTE, BACKSLASH, FIRST_PRINTABLE] = [0x22, 0x5c, 0x20];
const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Reads one JSON text, once, refusing at the first fault; `JSON.parse` would keep silent about duplicate fields. */
export class JsonScanner {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #path: string[] = [];
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  /** @throws InvalidDocument */
  read(): Json {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#fault('something follows the value');
    return value;
  }

  #value(): Json {
    this.#space();
    const start = this.#text[this.#at];
    if (start === '{') return this.#object();
    if (start === '[') return this.#list();
    if (start === '"') {
      const text = this.#string();
      checkText(text, this.#path);
      return text;
    }
    const number = this.#take(NUMBER);
    return number === undefined ? this.#word() : this.#number(number);
  }

  #object(): Json {
    checkDepth(this.#path, this.#maxDepth);
    const object: Record<string, Json> = {};
    this.#at++;
    if (this.#skip('}')) return object;
    do {
      this.#space();
      const name = this.#string();
      checkName(name, this.#path);
      this.#path.push(name);
      if (Object.hasOwn(object, name)) throw this.#fault('the field comes twice');
      this.#expect(':');
      object[name] = this.#value();
      this.#path.pop();
    } while (this.#skip(','));
    this.#expect('}');
    return object;
  }

  #list(): Json {
    checkDepth(this.#path, this.#maxDepth);
    const list: Json[] = [];
    this.#at++;
    if (this.#skip(']')) return list;
    do {
      this.#path.push(String(list.length));
      list.push(this.#value());
      this.#path.pop();
    } while (this.#skip(','));
    this.#expect(']');
    return list;
  }

  #string(): string {
    const start = this.#at;
    if (this.#text[start] !== '"') throw this.#fault('expected a text in double quotes');
    const end = this.#text.indexOf('"', start + 1);
    const plain = this.#text.slice(start + 1, end);
    if (end < 0 || SPECIAL.test(plain)) return this.#specialString(start);
    this.#at = end + 1;
    return plain;
  }

  /** By character code, as a pattern would need a stack as long as the text. */
  #specialString(start: number): string {
    for (let at = start + 1; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return this.#unescaped(start);
      }
      if (code === BACKSLASH) {
        at++;
      } else if (code < FIRST_PRINTABLE) {
        this.#at = at;
        throw this.#fault('a control character in a text');
      }
    }
    throw this.#fault('the text has no end');
  }

  #unescaped(start: number): string {
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string;
    } catch {
      this.#at = start;
      throw this.#fault('an escape that JSON has not');
    }
  }

  #number(text: string): number {
    const number = Number(text);
    checkNumber(number, this.#path);
    return Object.is(number, -0) ? 0 : number;
  }

  #word(): boolean | null {
    const word = this.#take(WORD);
    if (word === undefined) throw this.#fault('expected a value');
    return WORDS[word] as boolean | null;
  }

  #space(): void {
    while (SPACES.has(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #skip(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#skip(character)) throw this.#fault(`expected ${character}`);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #fault(reason: string): InvalidDocument {
    const end = this.#at >= this.#text.length ? ', where the text ends' : '';
    return new InvalidDocument(formatPointer(this.#path), `${reason} at character ${this.#at}${end}`);
  }
}
