import {open} from 'node:fs/promises';
import type {Credential, CredentialSource} from '../core/contract.js';
import {Secret} from '../core/secret.js';
import {fileFault} from './file-fault.js';
import {checkPrivate} from './private-file.js';

interface Login {
  name: string;
  password: Secret;
}

/**
 * The logins of a netrc file, each for one host on any port, http and https alike. The `default` entry is passed over:
 * it names no host, and would be told to whoever a redirect leads to.
 */
export class Netrc implements CredentialSource {
  readonly #logins = new Map<string, Login>();

  /** @param text the file's content @throws TypeError with the line, never with its text */
  constructor(text: string) {
    let host: string | undefined;
    const tokens = [...tokensOf(text)];
    for (let at = 0; at < tokens.length; at++) {
      const {word, line} = tokens[at] as Token;
      if (word === 'default') {
        host = undefined;
        continue;
      }
      const value = tokens[++at]?.word;
      if (!['machine', 'login', 'password', 'account'].includes(word)) {
        throw new TypeError(`netrc line ${line}: expected machine, default, login, password, account or macdef, got another word`);
      }
      if (value === undefined) throw new TypeError(`netrc line ${line}: expected a value after ${word}, got the end of the file`);
      if (word === 'machine') host = this.#begin(value);
      else if (host !== undefined) this.#set(host, word, value);
    }
  }

  /**
   * Reads a file that nobody but its owner, us, may read.
   *
   * @throws TypeError when it can't be read, belongs to another user, may be read by others, or isn't a netrc file
   */
  static async load(path: string): Promise<Netrc> {
    let text: string;
    try {
      const file = await open(path, 'r');
      try {
        checkPrivate(await file.stat());
        text = await file.readFile('utf8');
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw new TypeError(`--netrc: expected a readable file of mode 600, ${path} is none: ${fileFault(cause)}`, {cause});
    }
    return new Netrc(text);
  }

  for(origin: string): Credential | undefined {
    const login = this.#logins.get(new URL(origin).hostname.replace(/^\[|\]$/g, ''));
    return login && {scheme: 'basic', name: login.name, password: login.password.reveal()};
  }

  /** The first entry of a host counts, as with every reader of netrc; a later one is read into a place nobody asks for. */
  #begin(machine: string): string {
    const host = machine.toLowerCase();
    const key = this.#logins.has(host) ? '' : host;
    this.#logins.set(key, {name: '', password: new Secret('')});
    return key;
  }

  #set(host: string, word: string, value: string): void {
    const login = this.#logins.get(host) as Login;
    if (word === 'login') login.name = value;
    if (word === 'password') login.password = new Secret(value);
  }
}

interface Token {
  readonly word: string;
  readonly line: number;
}

/** The words, without comments and macros (which end at a blank line); a word may stand in double quotes. */
function *tokensOf(text: string): Generator<Token> {
  let macro = false;
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (macro && line.trim() !== '') continue;
    macro = false;
    let previous = '';
    for (const [word] of line.matchAll(/"(?:[^"\\]|\\.)*"|\S+/g)) {
      // A `#` begins a comment, except in the place of a value: passwords may begin with it.
      if (word.startsWith('#') && !['login', 'password', 'account', 'machine'].includes(previous)) break;
      if (word === 'macdef' && previous !== 'password' && previous !== 'login') {
        macro = true;
        break;
      }
      const plain = word.startsWith('"') && word.length > 1 && word.endsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word;
      yield {word: plain, line: at + 1};
      previous = previous === '' || !['login', 'password', 'account', 'machine'].includes(previous) ? plain : '';
    }
  }
}
