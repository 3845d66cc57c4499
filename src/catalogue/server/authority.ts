import type {IncomingHttpHeaders} from 'node:http';
import {messageOf} from '../../core/foreign-error.js';
import {REDACTED} from '../../core/redact.js';
import {CatalogueError, StoreFault} from '../catalogue-errors.js';
import {badRequest, Problem} from './problem.js';
import type {Needed} from './routes-contract.js';
import {allows, type Grant} from './scope.js';
import type {TokenLookup} from './token-store.js';

const CHALLENGE = {'www-authenticate': 'Bearer realm="catalogue"'} as const;
/** Who writes when nobody is asked for a token and nobody says a name. */
const NOBODY = 'anonymous';

/** Decides who asks, and what that is worth. */
export class Authority {
  readonly #tokens: TokenLookup | undefined;

  /** @param tokens undefined: everybody may do everything, as the caller has said so */
  constructor(tokens: TokenLookup | undefined) {
    this.#tokens = tokens;
  }

  /**
   * The grant of a request; undefined when nobody is asked for a token.
   *
   * @param basic also take `Basic`, whose password is the token: old clients know nothing else
   * @throws Problem 401 without a token that holds, 403 when it has not the scope
   */
  async check(headers: IncomingHttpHeaders, needed: Needed, basic = false): Promise<Grant | undefined> {
    if (this.#tokens === undefined || needed === 'none') return undefined;
    const token = tokenIn(headers.authorization, basic);
    const grant = token === undefined ? undefined : await find(this.#tokens, token);
    if (grant === undefined) {
      const headers = basic ? {'www-authenticate': `${CHALLENGE['www-authenticate']}, Basic realm="catalogue"`} : CHALLENGE;
      throw Problem.of(401, 'UNAUTHORIZED', undefined, {headers});
    }
    if (!allows(grant.scopes, needed)) throw Problem.of(403, 'FORBIDDEN', `the token lacks the scope ${needed}`);
    return grant;
  }
}

/** Who is noted as the writer: the token's name, and behind it what the client calls itself. @throws Problem 400 */
export function actorOf(grant: Grant | undefined, header: string | string[] | undefined): string {
  if (header === undefined) return grant?.name ?? NOBODY;
  let given: string;
  try {
    given = decodeURIComponent(String(header));
  } catch {
    throw badRequest('Catalogue-Actor: expected percent-encoded UTF-8');
  }
  return grant === undefined ? given : `${grant.name}/${given}`;
}

/** A fault of the lookup is told without the token, which its text may quote. */
async function find(tokens: TokenLookup, token: string): Promise<Grant | undefined> {
  try {
    return await tokens.find(token);
  } catch (error) {
    if (error instanceof CatalogueError) throw error;
    throw new StoreFault(`the tokens can't be read: ${messageOf(error).replaceAll(token, REDACTED)}`);
  }
}

function tokenIn(header: string | undefined, basic: boolean): string | undefined {
  const found = /^(bearer|basic) +([A-Za-z0-9._~+/=-]+) *$/i.exec(header ?? '');
  const [, scheme = '', credentials = ''] = found ?? [];
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (!basic || scheme === '') return undefined;
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  return text.includes(':') ? text.slice(text.indexOf(':') + 1) : undefined;
}
