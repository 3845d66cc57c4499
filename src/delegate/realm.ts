import type {DownloadView} from '../core/contract.js';
import {CredentialError} from '../core/errors.js';
import {originOf} from '../core/url.js';
import type {Challenge} from './challenge.js';

/** A token, and for how many ms it holds. */
export interface Token {
  token: string;
  /** ms. @default until the server refuses it */
  expiresIn?: number | undefined;
}

/**
 * Asks the realm of a challenge for a token, as container registries have it (CNCF distribution, token authentication):
 * a clone of the download, with the credentials that it has for the realm's origin, gets `realm?service=…&scope=…`.
 *
 * @throws CredentialError when the realm is not safe to ask or gives no token; DownloadError when it can't be asked
 */
export async function askRealm(download: DownloadView, origin: string, challenge: Challenge, signal: AbortSignal): Promise<Token> {
  const url = new URL(challenge.realm);
  if (origin.startsWith('https:') && url.protocol !== 'https:') throw new CredentialError('the challenge names a realm without https');
  if (challenge.service !== undefined) url.searchParams.set('service', challenge.service);
  for (const scope of challenge.scope?.split(' ') ?? []) if (scope !== '') url.searchParams.append('scope', scope);
  const clone = download.clone();
  clone.url = url.href;
  if (originOf(url) === origin) clone.headers = withoutToken(clone.headers);
  if (!('text' in clone.writer)) throw new CredentialError('a HEAD download can\'t read what the realm answers; give a provider');
  await clone.run(signal);
  return readAnswer((clone.writer as unknown as {text(): string}).text());
}

/** A realm beside the files would else get the refused token in place of the name and password. */
function withoutToken(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name, value]) => name !== 'authorization' || !/^bearer /i.test(value)));
}

/** No fault of this shows what was answered, since that is most likely a secret. */
function readAnswer(text: string): Token {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new CredentialError('the realm answered with something else than JSON');
  }
  const fields = (answer ?? {}) as Partial<Record<'token' | 'access_token' | 'expires_in', unknown>>;
  const {token, access_token: other, expires_in: seconds} = fields;
  const found = token ?? other;
  if (typeof found !== 'string' || found === '') throw new CredentialError('the realm answered without a token');
  return {token: found, expiresIn: typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined};
}
