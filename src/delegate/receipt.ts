import type {Durability, FaultClass, Framing, Hop, KeptVersion, Validators} from '../core/contract.js';
import {misuse} from '../core/options.js';

/** The version of the format. */
export const RECEIPT_FORMAT = 1;

/**
 * What proves the bytes. `strong`: a digest of the caller's, SHA-224 or longer. `weak`: MD5 or SHA-1, or a digest that the
 * server told itself. `size`: their number alone.
 */
export type Verified = 'none' | 'size' | 'weak' | 'strong';

/**
 * Why an attempt was not the last one: `another-source`; `start-over` without the bytes that were there; `retry-after`: the
 * server said how long to wait; `credentials`: they were renewed; `no-cache`: a cache may have given other bytes; `backoff`.
 */
export type RepeatReason = 'another-source' | 'start-over' | 'retry-after' | 'credentials' | 'no-cache' | 'backoff';

/** A fault, without secrets. */
export interface ReceiptFault {
  readonly code: string;
  readonly class: FaultClass;
  readonly message: string;
}

/** A digest that was demanded. */
export interface ExpectedDigest {
  readonly algorithm: string;
  /** Lower-case hex; any of them is good. */
  readonly accepted: readonly string[];
  /** `caller`: before the first request, by the caller or a document that he named; `server`: by what the server said. */
  readonly by: 'caller' | 'server';
}

/** One attempt. Times in ms, sizes in bytes. */
export interface ReceiptAttempt {
  /** From 1. */
  readonly number: number;
  readonly source: string;
  /** Where it began in the file. */
  readonly offset: number;
  /** How many bytes it brought. */
  readonly bytes: number;
  readonly duration: number;
  readonly status: number | null;
  /** The requests made for it, redirects included. */
  readonly hops: readonly Hop[];
  readonly error: ReceiptFault | null;
  /** What came next, and after how long. */
  readonly next: {readonly why: RepeatReason; readonly delay: number} | null;
}

/** One address that was asked. */
export interface ReceiptSource {
  readonly url: string;
  readonly attempts: number;
  readonly bytes: number;
  /** Its faults, in order. */
  readonly faults: readonly ReceiptFault[];
}

/** What was known of a download when it ended: plain data, to be kept as JSON. No secrets; what is not known is null. */
export interface Receipt {
  /** The version of the format. */
  readonly jupiter: typeof RECEIPT_FORMAT;
  readonly kind: 'receipt';
  /** The address asked for first. */
  readonly url: string;
  /** Its `addressId`: tells it from others that look the same redacted. */
  readonly address?: string | undefined;
  readonly path: string | null;
  readonly outcome: 'fetched' | 'kept' | 'notModified' | 'failed' | 'cancelled';
  /** What was to be done: retries, resume, size and digests demanded, and what the caller noted. */
  readonly plan: Readonly<Record<string, unknown>> & {readonly digests: readonly ExpectedDigest[]};
  readonly attempts: readonly ReceiptAttempt[];
  readonly sources: readonly ReceiptSource[];
  /** Of the last answer. */
  readonly validators: Validators;
  /** For `ifChanged`: the version that is at `path`. */
  readonly version: KeptVersion | null;
  readonly size: number | null;
  /** Lower-case hex by algorithm; sha256 is always among them after success. */
  readonly digests: Readonly<Record<string, string>>;
  readonly verified: Verified;
  /** How the end of the body was known. */
  readonly framing: Framing | null;
  readonly durability: Durability | null;
  /** Bytes of two answers were joined on no better evidence than a date. */
  readonly unverifiedResume: boolean;
  /** Epoch ms at the start; ms in all, and until the first byte. */
  readonly timings: {readonly began: number; readonly total: number; readonly firstByte: number | null};
  /** Faults that did not matter. */
  readonly warnings: readonly ReceiptFault[];
  readonly error: ReceiptFault | null;
}

/** Reads a receipt. @throws TypeError when the text is none, or of another version of the format */
export function parseReceipt(text: string): Receipt {
  let value: Partial<Receipt> | null;
  try {
    value = JSON.parse(text) as Partial<Receipt> | null;
  } catch (cause) {
    throw new TypeError('receipt: expected JSON, got another text', {cause});
  }
  if (value?.jupiter !== RECEIPT_FORMAT || value.kind !== 'receipt' || typeof value.url !== 'string') {
    throw misuse('receipt', value?.jupiter, `an object with jupiter: ${RECEIPT_FORMAT} and kind: "receipt"`);
  }
  return value as Receipt;
}
