import {setMaxListeners} from 'node:events';
import type {ContextView} from '../core/contract.js';
import {Cancelled} from '../core/errors.js';
import {redactUrl} from '../core/redact.js';
import {watchDeadline} from './watchdog.js';

/** What a run is linked to from outside. */
export interface RunLink {
  /** The deadline by the Context's clock; Infinity for none. */
  readonly ends: number;
  unlink(): void;
}

/**
 * Links the caller's signal and the deadline to a run's own controller, by hand. Each run gets a Cancelled of its own,
 * for the error also tells which attempts were made.
 */
export function linkRun(controller: AbortController, signal: AbortSignal | undefined, context: ContextView, deadline: number,
  url: string): RunLink {
  const ends = deadline > 0 ? context.clock.now() + deadline : Infinity;
  const unwatch = watchDeadline(context, deadline, redactUrl(url), (error) => { controller.abort(error); });
  const abort = (): void => {
    const reason: unknown = signal?.reason;
    const why = reason instanceof Cancelled ? reason.message : 'cancelled';
    controller.abort(new Cancelled(`${why}: ${redactUrl(url)}`, {cause: reason, url}));
  };
  // Many downloads share one signal, and each removes its listener: that is no leak.
  if (signal !== undefined) setMaxListeners(0, signal);
  if (signal?.aborted === true) abort();
  else signal?.addEventListener('abort', abort, {once: true});
  return {
    ends,
    unlink: () => {
      signal?.removeEventListener('abort', abort);
      unwatch();
    },
  };
}
