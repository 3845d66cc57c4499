import type {Limits} from '../core/limits.js';
import {ExponentialBackoff} from '../policy/backoff.js';
import {StandardRetryPolicy} from '../policy/retry-policy.js';

/**
 * What a streamer's own Context is made with: clients that come at once should not wait for one another, nor long for an
 * upstream that is away or asks for patience. They have better things to do, and what is stored may serve meanwhile.
 */
export const STREAM_LIMITS: Partial<Limits> = Object.freeze({total: 64, perOrigin: 32, maxWait: 5000, maxOutage: 1000});

/** Two repeats within a second or so: a client waits. */
export function hastyRetry(): StandardRetryPolicy {
  return new StandardRetryPolicy({retries: 2, backoff: new ExponentialBackoff({base: 200, cap: 1000}), maxRetryAfter: 5000});
}
