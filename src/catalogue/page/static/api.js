/* global URLSearchParams, document, sessionStorage */

const KEPT = 'catalogue-token';

/** An answer that is no success, or none at all (status 0). */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`);
    this.status = status;
    this.title = problem.title;
    this.code = problem.code;
  }
}

/** The server, as far as this page asks it. The token travels as a header, never in an address. */
export class Api {
  get token() {
    return sessionStorage.getItem(KEPT) ?? '';
  }

  set token(text) {
    if (text === '') sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, text);
  }

  /** The JSON of an answer. Throws Refusal, and AbortError when the signal says so. */
  async get(path, query, signal) {
    const response = await this.open(path, query, signal);
    return response.json();
  }

  /** An answer with its body still to be read. */
  async open(path, query, signal, headers = {}) {
    const address = new URL(path.slice(1), document.baseURI);
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
    address.search = String(new URLSearchParams(given));
    address.hash = '';
    const {token} = this;
    const authorization = token === '' ? {} : {authorization: `Bearer ${token}`};
    let response;
    try {
      response = await fetch(address, {headers: {...headers, ...authorization}, signal, credentials: 'omit'});
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Refusal(0, {title: 'The server doesn’t answer.', detail: 'It was stopped, or the network is down.'});
    }
    if (response.ok) return response;
    throw new Refusal(response.status, await response.json().catch(() => ({})));
  }
}

/** The address of a release (url-names.ts has the rules). */
export function releasePath(name) {
  return `/releases/${segment(name.replaceAll('~', '~0').replaceAll('/', '~1'))}`;
}

/** The address of a part. */
export function partPath(name, pointer) {
  return `${releasePath(name)}/parts/${pointer.slice(1).split('/').map(segment).join('/')}`;
}

/** Browsers resolve `.` and `..` before they ask; `~2` stands for a dot. */
function segment(token) {
  return encodeURIComponent(token === '.' || token === '..' ? token.replaceAll('.', '~2') : token);
}
