/**
 * The one table of codes: stable strings that programs branch on and exit codes are made from. Documented one by one
 * in docs/reference/errors.md, which a house spec compares with this table.
 */
export const ERROR_CODES = {
  DOWNLOAD_FAILED: 'the transfer failed in a way that has no code of its own',
  CONNECT_FAILED: 'no connection could be made, or it broke before a reply',
  DNS_FAILED: 'the host name has no address',
  TLS_FAILED: 'the certificate or the TLS set-up was refused',
  PROXY_FAILED: 'the proxy refused or broke the connection',
  TIMED_OUT: 'a time limit was reached; `phase` says which',
  REPLY_FAILED: 'the server answered with a status that is not the file',
  NOT_FOUND: '404 or 410: the file is not there',
  NOT_AUTHORIZED: '401, 403 or 407: credentials are missing, wrong or not enough',
  THROTTLED: '429 or 503: the server asks for patience',
  PROTOCOL_ERROR: 'the peer broke the protocol in a way that could hide wrong bytes',
  REDIRECT_REFUSED: 'a redirect that is not followed: loop, limit, downgrade, other scheme',
  INTERRUPTED: 'the body ended early, or its end cannot be told from a cut',
  RESUME_REJECTED: 'the kept bytes cannot be continued',
  TOO_LARGE: 'more bytes than allowed',
  POLICY_REFUSED: 'a rule forbids it: scheme, host, root',
  CREDENTIAL_ERROR: 'a certificate, key, token or password cannot be had or used',
  MIRRORS_EXHAUSTED: 'every mirror was tried, or there is none; `errors` has the last fault of each',
  CANCELLED: 'the caller, the batch or the Context ended the run',
  VALIDATION_FAILED: 'a validation said no',
  MISMATCH: 'a validation expected one thing and saw another',
  SIZE_MISMATCH: 'another number of bytes',
  DIGEST_MISMATCH: 'another digest',
  WRITER_FAILED: 'the target cannot be written: disk full, no permission, a broken stream',
  FILE_EXISTS: 'the target exists and may not be replaced',
  UNSAFE_NAME: 'a name from elsewhere that must not become a path',
  HANDLER_FAILED: 'a handler or hook threw; `cause` has what',
} as const;

/** A stable error code. */
export type ErrorCode = keyof typeof ERROR_CODES;
