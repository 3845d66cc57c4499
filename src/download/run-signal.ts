import type {ContextView} from '../core/contract.js';
import {Cancelled} from '../core/errors.js';
import {redactUrl} from '../core/redact.js';
import {watchDeadline} from './watchdog.js';

/** Links the caller's signal and the deadline to a run's own controller, by hand. @returns the way to unlink */
export function linkRun(controller: AbortController, signal: AbortSignal | undefined, context: ContextView, deadline: number, url: string): () => void {
  const abort = (): void => {
    const reason: unknown = signal?.reason;
    controller.abort(reason instanceof Cancelled ? reason : new Cancelled(`cancelled: ${redactUrl(url)}`, {cause: reason, url}));
  };
  if (signal?.aborted === true) abort();
  else signal?.addEventListener('abort', abort, {once: true});
  const unwatch = watchDeadline(context, deadline, redactUrl(url), (error) => { controller.abort(error); });
  return () => {
    signal?.removeEventListener('abort', abort);
    unwatch();
  };
}
