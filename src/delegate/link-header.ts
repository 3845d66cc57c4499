/** A link to another resource (RFC 8288). */
export interface Link {
  /** Absolute. */
  readonly url: string;
  /** The relation types, lower case. */
  readonly rels: readonly string[];
  /** The other parameters by their names in lower case, the first of each; those without a value have the empty one. */
  readonly parameters: ReadonlyMap<string, string>;
}

const MOST_LINKS = 100;
const SPACE = /[ \t]*/y;
const TARGET = /<([^>]*)>/y;
const NAME = /;[ \t]*([^\s=;,"<>]*)[ \t]*/y;
const QUOTED = /=[ \t]*"((?:[^"\\]|\\.)*)"/sy;
const PLAIN = /=[ \t]*([^\s;,"]*)/y;

/**
 * The links of a Link header, several joined by commas (RFC 8288, 3 and B.2): at most 100, to http and https addresses
 * without logins, with relative ones resolved against `base`. Links from other resources (`anchor`) are left out. What
 * stands behind a syntax error isn't read.
 */
export function parseLinks(header: string, base: string): Link[] {
  const links: Link[] = [];
  const scanner = new Scanner(header);
  while (links.length < MOST_LINKS) {
    while (scanner.take(SPACE) !== undefined && scanner.skip(','));
    const target = scanner.take(TARGET);
    if (target === undefined) break;
    const parameters = parametersOf(scanner);
    const url = resolve(target, base);
    if (url !== undefined && !parameters.has('anchor')) links.push(toLink(url, parameters));
    scanner.take(SPACE);
    if (!scanner.skip(',')) break;
  }
  return links;
}

function parametersOf(scanner: Scanner): Map<string, string> {
  const parameters = new Map<string, string>();
  for (;;) {
    scanner.take(SPACE);
    const name = scanner.take(NAME)?.toLowerCase();
    if (name === undefined) return parameters;
    const value = scanner.take(QUOTED)?.replace(/\\(.)/gs, '$1') ?? scanner.take(PLAIN) ?? '';
    if (name !== '' && !parameters.has(name)) parameters.set(name, value);
  }
}

function toLink(url: string, parameters: Map<string, string>): Link {
  const rels = (parameters.get('rel') ?? '').toLowerCase().split(/\s+/).filter((rel) => rel !== '');
  parameters.delete('rel');
  return {url, rels, parameters};
}

function resolve(target: string, base: string): string | undefined {
  const text = target.trim();
  if (!URL.canParse(text, base)) return undefined;
  const url = new URL(text, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  url.username = url.password = url.hash = '';
  return url.href;
}

/** Reads a text from its beginning, piece by piece. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** What the sticky pattern's first group, or the whole of it, finds here. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at = pattern.lastIndex;
    return found[1] ?? found[0];
  }

  skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}
