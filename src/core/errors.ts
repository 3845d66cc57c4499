/*
 * DownloadError            code, url (redacted), attempts[], cause, download (non-enumerable), class, retryAt?
 * ├ DownloadFailed
 * │ ├ ConnectFailed   ├ TimedOut(phase)   ├ ReplyFailed(status) ─ NotFound, NotAuthorized, Throttled
 * │ ├ ProtocolError   ├ RedirectRefused   ├ Interrupted(expected, actual)   ├ ResumeRejected   ├ TooLarge
 * │ ├ PolicyRefused   ├ CredentialError   ├ MirrorsExhausted(errors[])   └ Cancelled
 * ├ ValidationError ─ MismatchError(expected, actual) ─ SizeMismatch, DigestMismatch(algorithm)
 * ├ WriterError(path) ─ FileExists, UnsafeName
 * └ HandlerError(event)
 *
 * Misuse is a TypeError or a RangeError from the constructor or setter concerned. The codes: error-codes.ts.
 */
import type {AttemptRecord, FaultClass, HeaderMap} from './contract.js';
import type {ErrorCode} from './error-codes.js';
import {CLEAN, cleanCause} from './foreign-error.js';
import {escapeControls, redactText, redactUrl} from './redact.js';

/** What every error is made with. */
export interface ErrorOptions {
  code?: ErrorCode | undefined;
  class?: FaultClass | undefined;
  /** Redacted on the way in. */
  url?: string | undefined;
  /** Foreign errors are reduced to name, message, code and stack, redacted. */
  cause?: unknown;
  /** Epoch ms before which asking again is pointless. */
  retryAt?: number | undefined;
}

/** The root of all that can go wrong with a download. Branch on the class or on `code`, never on the text. */
export class DownloadError extends Error {
  readonly code: ErrorCode;
  readonly class: FaultClass;
  /** The address concerned, secrets redacted. */
  readonly url: string | undefined;
  readonly retryAt: number | undefined;
  /** Every attempt of the run, once it is over. */
  attempts: readonly AttemptRecord[] = [];
  /** Faults of cleaning up after this one; they never mask it. */
  suppressed: readonly unknown[] = [];
  #download: unknown;

  constructor(message: string, code: ErrorCode, faultClass: FaultClass, options: ErrorOptions = {}) {
    super(escapeControls(redactText(message)), options.cause === undefined ? undefined : {cause: cleanCause(options.cause)});
    this.name = new.target.name;
    this.code = options.code ?? code;
    this.class = options.class ?? faultClass;
    this.url = options.url === undefined ? undefined : redactUrl(options.url);
    this.retryAt = options.retryAt;
    Object.defineProperty(this, CLEAN, {value: true});
  }

  /** The download; no inspect or JSON shows it, so that it never lands in a log by accident. */
  get download(): unknown {
    return this.#download;
  }

  set download(download: unknown) {
    this.#download = download;
  }

  /** What may be logged or stored. */
  toJSON(): Record<string, unknown> {
    return {...(this as object), message: this.message, cause: this.cause instanceof Error ? this.cause.message : undefined};
  }
}

/** The transfer failed. */
export class DownloadFailed extends DownloadError {
  constructor(message: string, options?: ErrorOptions, code: ErrorCode = 'DOWNLOAD_FAILED', faultClass: FaultClass = 'fatal') {
    super(message, code, faultClass, options);
  }
}

/** No connection: DNS, TCP, TLS or a proxy. */
export class ConnectFailed extends DownloadFailed {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options, 'CONNECT_FAILED', 'transient');
  }
}

/** The phases that have a limit (transfer.md, 2). */
export type TimeoutPhase = 'connect' | 'headers' | 'read' | 'lowSpeed' | 'deadline';

/** A limit of Timeout was reached. */
export class TimedOut extends DownloadFailed {
  constructor(readonly phase: TimeoutPhase, message: string, options?: ErrorOptions) {
    super(message, options, 'TIMED_OUT', phase === 'deadline' ? 'cancelled' : 'transient');
  }
}

/** The server answered, and the answer is not the file. */
export class ReplyFailed extends DownloadFailed {
  readonly status: number;
  readonly #headers: HeaderMap;
  readonly #body: string;

  constructor(message: string, reply: {status: number; headers?: HeaderMap; body?: string}, options?: ErrorOptions,
    code: ErrorCode = 'REPLY_FAILED', faultClass: FaultClass = 'fatal') {
    super(message, options, code, faultClass);
    this.status = reply.status;
    this.#headers = reply.headers ?? {};
    this.#body = reply.body ?? '';
  }

  /** The reply's headers; no inspect or JSON shows them, for they may hold what a log must not. */
  get headers(): HeaderMap {
    return this.#headers;
  }

  /** At most 64 KiB of the reply's body, hidden like the headers. */
  get body(): string {
    return this.#body;
  }
}

/** 404, 410: the file is not there. */
export class NotFound extends ReplyFailed {
  constructor(message: string, reply: {status: number; headers?: HeaderMap; body?: string}, options?: ErrorOptions) {
    super(message, reply, options, 'NOT_FOUND', 'source-bad');
  }
}

/** 401, 403, 407: credentials are missing, wrong or not enough. */
export class NotAuthorized extends ReplyFailed {
  constructor(message: string, reply: {status: number; headers?: HeaderMap; body?: string}, options?: ErrorOptions) {
    super(message, reply, options, 'NOT_AUTHORIZED', 'source-bad');
  }
}

/** 429, 503: the server asks for patience; `retryAt` when it said until when. */
export class Throttled extends ReplyFailed {
  constructor(message: string, reply: {status: number; headers?: HeaderMap; body?: string}, options?: ErrorOptions) {
    super(message, reply, options, 'THROTTLED', 'throttled');
  }
}

/** The peer broke the protocol in a way that could hide wrong bytes. */
export class ProtocolError extends DownloadFailed {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options, 'PROTOCOL_ERROR', 'source-bad');
  }
}

/** A redirect that is not followed: a loop, too many, a downgrade, another scheme. */
export class RedirectRefused extends DownloadFailed {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options, 'REDIRECT_REFUSED', 'fatal');
  }
}

/** The body ended early, or its end can't be told from a cut. Sizes in bytes. */
export class Interrupted extends DownloadFailed {
  constructor(message: string, readonly expected: number | undefined, readonly actual: number, options?: ErrorOptions) {
    super(message, options, 'INTERRUPTED', 'transient');
  }
}

/** The kept bytes can't be continued. */
export class ResumeRejected extends DownloadFailed {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options, 'RESUME_REJECTED', 'restart-free');
  }
}

/** More bytes than allowed. */
export class TooLarge extends DownloadFailed {
  constructor(message: string, readonly limit: number, options?: ErrorOptions) {
    super(message, options, 'TOO_LARGE', 'fatal');
  }
}

/** A rule of ours forbids it: scheme, host, root, downgrade. */
export class PolicyRefused extends DownloadFailed {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options, 'POLICY_REFUSED', 'fatal');
  }
}

/** A certificate, key, token or password can't be had or used. */
export class CredentialError extends DownloadFailed {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options, 'CREDENTIAL_ERROR', 'fatal');
  }
}

/** Every mirror was tried; `errors` has the last fault of each, in the order of the list. */
export class MirrorsExhausted extends DownloadFailed {
  constructor(message: string, readonly errors: readonly DownloadError[], options?: ErrorOptions) {
    super(message, options, 'MIRRORS_EXHAUSTED', 'source-bad');
  }
}

/** The caller's signal, or the end of the batch or Context. */
export class Cancelled extends DownloadFailed {
  constructor(message = 'cancelled', options?: ErrorOptions) {
    super(message, options, 'CANCELLED', 'cancelled');
  }
}

/** A validation said no. */
export class ValidationError extends DownloadError {
  constructor(message: string, options?: ErrorOptions, code: ErrorCode = 'VALIDATION_FAILED') {
    super(message, code, 'source-bad', options);
  }
}

/** A validation expected one thing and saw another. */
export class MismatchError<T extends string | number = string | number> extends ValidationError {
  constructor(message: string, readonly expected: T, readonly actual: T, options?: ErrorOptions, code: ErrorCode = 'MISMATCH') {
    super(message, options, code);
  }
}

/** Another number of bytes. */
export class SizeMismatch extends MismatchError<number> {
  constructor(message: string, expected: number, actual: number, options?: ErrorOptions) {
    super(message, expected, actual, options, 'SIZE_MISMATCH');
  }
}

/** Another digest; lower-case hex. */
export class DigestMismatch extends MismatchError<string> {
  constructor(message: string, readonly algorithm: string, expected: string, actual: string, options?: ErrorOptions) {
    super(message, expected, actual, options, 'DIGEST_MISMATCH');
  }
}

/** The target can't be written: a fault of this machine, which no mirror repairs. */
export class WriterError extends DownloadError {
  constructor(message: string, readonly path?: string, options?: ErrorOptions, code: ErrorCode = 'WRITER_FAILED') {
    super(message, code, 'local', options);
  }
}

/** The target exists and may not be replaced. */
export class FileExists extends WriterError {
  constructor(message: string, path: string, options?: ErrorOptions) {
    super(message, path, options, 'FILE_EXISTS');
  }
}

/** A name from elsewhere that must not become a path. */
export class UnsafeName extends WriterError {
  constructor(message: string, path?: string, options?: ErrorOptions) {
    super(message, path, options, 'UNSAFE_NAME');
  }
}

/** A handler or hook threw something that is not a DownloadError; it is the `cause`. */
export class HandlerError extends DownloadError {
  constructor(message: string, readonly event: string, options?: ErrorOptions) {
    super(message, 'HANDLER_FAILED', 'fatal', options);
  }
}
