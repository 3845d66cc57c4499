import type {HeaderMap, Reply, Validation} from '../../src/core/contract.js';
import {DigestSet} from '../../src/monitor/digest-set.js';

/** A reply of status 200 with these headers. */
export function replyOf(headers: HeaderMap, more: Partial<Reply> = {}): Reply {
  return {status: 200, headers, hops: [], url: 'https://host.example/file', validators: {}, offset: 0, framing: 'chunked', ...more};
}

/** Where a validation refused, and what it threw. */
export interface Refusal {
  /** `begin`, `apply`, or how many bytes it had seen. */
  readonly at: 'begin' | 'apply' | number;
  readonly error: unknown;
}

/** Lets a validation judge a body as a run does, which stops at the first refusal. Undefined: it accepts. */
export function refusalOf(validation: Validation, chunks: readonly Uint8Array[], reply?: Reply): Refusal | undefined {
  const digests = new DigestSet();
  let at: Refusal['at'] = 'begin';
  try {
    validation.begin?.({digests, reply, offset: 0});
    for (const chunk of chunks) {
      digests.update(chunk);
      at = digests.size;
      validation.update?.(chunk);
    }
    digests.finish();
    at = 'apply';
    void validation.apply();
    return undefined;
  } catch (error) {
    return {at, error};
  }
}

/**
 * The validation behind a reply, for the contract suite: what it throws at `begin` or `update` is kept for `apply`, as a
 * run does with one that only warns.
 */
export function behindReply(validation: Validation, reply?: Reply): Validation {
  let early: {error: unknown} | undefined;
  const attempt = (work: () => void): void => {
    if (early !== undefined) return;
    try {
      work();
    } catch (error) {
      early = {error};
    }
  };
  return {
    enforced: validation.enforced,
    begin: (start) => {
      early = undefined;
      attempt(() => validation.begin?.({...start, reply}));
    },
    update: (chunk) => { attempt(() => validation.update?.(chunk)); },
    apply: () => {
      if (early !== undefined) throw early.error;
      return validation.apply();
    },
  };
}

/** Cuts a body at these places. */
export function cutAt(body: Uint8Array, places: readonly number[]): Uint8Array[] {
  const edges = [0, ...places.filter((at) => at < body.length).sort((one, other) => one - other), body.length];
  return edges.slice(1).map((edge, at) => body.subarray(edges[at], edge));
}
