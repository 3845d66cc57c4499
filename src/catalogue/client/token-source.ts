import {readFile} from 'node:fs/promises';
import {misuse, onlyKeys} from '../../core/options.js';
import {Secret} from '../../core/secret.js';
import {TokenUnavailable} from './client-errors.js';

/** Where a client's bearer token comes from. A file is read again when the server refuses what stood in it. */
export type TokenOption = string | Secret | {readonly file: string} | {readonly variable: string};

/** What RFC 6750 calls b64token: nothing that could end a header. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** The token of a client: read when it is first needed, shown nowhere. */
export class TokenSource {
  readonly #option: Secret | {readonly file: string} | {readonly variable: string} | undefined;
  #token: Secret | undefined;

  /** @throws TypeError, which doesn't show what was given */
  constructor(option: TokenOption | undefined) {
    if (typeof option === 'string') {
      if (!TOKEN.test(option)) throw new TypeError('token: expected the characters of a bearer token (RFC 6750), got others');
      this.#option = new Secret(option);
    } else if (option === undefined || option instanceof Secret) {
      this.#option = option;
    } else {
      onlyKeys('token', option, ['file', 'variable']);
      const places = Object.values(option).filter((value) => value !== undefined);
      if (places.length !== 1 || typeof places[0] !== 'string' || places[0] === '') {
        throw misuse('token', option, 'a token, or the name of one file or of one environment variable');
      }
      this.#option = option;
    }
  }

  /** The token; undefined when the client has none. @throws TokenUnavailable */
  async get(): Promise<string | undefined> {
    if (this.#option === undefined) return undefined;
    this.#token ??= await read(this.#option);
    return this.#token.reveal();
  }

  /** Reads it again. True when it is another one than the one that was refused. @throws TokenUnavailable */
  async renew(refused: string | undefined): Promise<boolean> {
    if (this.#option === undefined || this.#option instanceof Secret) return false;
    this.#token = await read(this.#option);
    return this.#token.reveal() !== refused;
  }
}

async function read(option: Secret | {readonly file: string} | {readonly variable: string}): Promise<Secret> {
  if (option instanceof Secret) return option;
  const [place, text] = 'file' in option
    ? [`the file ${option.file}`, await contentOf(option.file)] : [`the variable ${option.variable}`, process.env[option.variable]];
  if (text === undefined) throw new TokenUnavailable(`${place} is not set`);
  const token = text.trim();
  if (!TOKEN.test(token)) throw new TokenUnavailable(`${place} holds nothing that could be one (RFC 6750, b64token)`);
  return new Secret(token);
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new TokenUnavailable(`the token's file can't be read: ${path}`, {cause: error});
  }
}
