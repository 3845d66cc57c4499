import {Help} from 'commander';
import type {ErrorCode} from '../core/error-codes.js';
import {MirrorsExhausted, type DownloadError} from '../core/errors.js';

/** One exit code of the command. */
export interface ExitCode {
  readonly code: number;
  readonly meaning: string;
  /** The error codes of a single `get` that end in it. */
  readonly errors?: readonly ErrorCode[] | undefined;
}

/** The one table of exit codes; `--help` and docs/reference/cli.md show it. */
export const EXIT_CODES: readonly ExitCode[] = [
  {code: 0, meaning: 'everything was fetched, or was there already and is good'},
  {code: 1, meaning: 'something failed: an item of several, or in a way without a code of its own',
    errors: ['DOWNLOAD_FAILED', 'MIRRORS_EXHAUSTED', 'RESUME_REJECTED', 'HANDLER_FAILED', 'CANCELLED']},
  {code: 2, meaning: 'wrong options or input, or a target that cannot be written; nothing was fetched'},
  {code: 3, meaning: 'the network: no connection, TLS, proxy, a time limit, a cut body',
    errors: ['CONNECT_FAILED', 'DNS_FAILED', 'TLS_FAILED', 'PROXY_FAILED', 'TIMED_OUT', 'INTERRUPTED']},
  {code: 4, meaning: 'not found', errors: ['NOT_FOUND']},
  {code: 5, meaning: 'not authorized', errors: ['NOT_AUTHORIZED', 'CREDENTIAL_ERROR']},
  {code: 6, meaning: 'verification failed: another digest or size',
    errors: ['VALIDATION_FAILED', 'MISMATCH', 'SIZE_MISMATCH', 'DIGEST_MISMATCH']},
  {code: 7, meaning: 'this machine: disk full, no permission, the target exists, the output was closed',
    errors: ['WRITER_FAILED', 'FILE_EXISTS']},
  {code: 8, meaning: 'refused by a rule: redirect, scheme, size limit, unsafe name',
    errors: ['REDIRECT_REFUSED', 'POLICY_REFUSED', 'TOO_LARGE', 'UNSAFE_NAME']},
  {code: 9, meaning: 'the server: another status, a broken answer, or it asks for patience',
    errors: ['REPLY_FAILED', 'PROTOCOL_ERROR', 'THROTTLED']},
  {code: 10, meaning: 'catalogue or preferences: a conflict, another version meanwhile, read-only, or left alone'},
  {code: 11, meaning: 'preferences: what matters is not known for sure, so it was not fetched, or not cleaned up'},
  {code: 129, meaning: 'ended by SIGHUP; no part file is left, unless --resume is given'},
  {code: 130, meaning: 'ended by SIGINT (Ctrl-C); no part file is left, unless --resume is given'},
  {code: 143, meaning: 'ended by SIGTERM; no part file is left, unless --resume is given'},
];

/** Columns of a code. */
const CODE_WIDTH = 3;

/** Something failed. */
export const EXIT_FAILED = 1;
/** Wrong options or input. */
export const EXIT_USAGE = 2;
/** A catalogue's or the preferences' state forbids it. */
export const EXIT_REFUSED = 10;
/** What the preferences would have to know is not known for sure. */
export const EXIT_UNSURE = 11;
/** Nobody reads the output any more. */
export const EXIT_OUTPUT_CLOSED = 7;

/** The exit code for the error of a single download; of exhausted mirrors, the one that all of them agree on. */
export function exitCodeOf(error: DownloadError): number {
  if (error instanceof MirrorsExhausted) {
    const codes = new Set(error.errors.map(exitCodeOf));
    const [only] = codes;
    return codes.size === 1 && only !== undefined ? only : EXIT_FAILED;
  }
  return EXIT_CODES.find(({errors}) => errors?.includes(error.code) === true)?.code ?? EXIT_FAILED;
}

/** The table as a text for `--help`. @param width Columns. */
export function exitCodesText(width: number): string {
  const help = new Help();
  help.prepareContext({helpWidth: width});
  return ['Exit codes:', ...EXIT_CODES.map(({code, meaning}) => help.formatItem(String(code), CODE_WIDTH, meaning, help))].join('\n');
}
