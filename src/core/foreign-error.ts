import {escapeControls, redactText} from './redact.js';

/** Marks what this file made and what is ours already, so that nothing is wrapped twice. */
export const CLEAN = Symbol('clean');

/** How far a chain of causes is followed; some are circles. */
const DEEPEST = 8;

/**
 * A foreign error reduced to what may be shown: name, message, code and stack, redacted, with control characters
 * escaped. HTTP clients hang whole requests with their headers on their errors; none of that gets through. Our own
 * errors pass unchanged.
 */
export function cleanCause(cause: unknown): unknown {
  return clean(cause, 0);
}

function clean(cause: unknown, depth: number): unknown {
  if (!(cause instanceof Error)) return typeof cause === 'string' ? harmless(cause) : new TypeError(`thrown: ${typeof cause}`);
  if (CLEAN in cause) return cause;
  const copy = new Error(harmless(messageOf(cause))) as Error & {code?: string; [CLEAN]?: boolean};
  copy.name = cause.name;
  const {code} = cause as {code?: unknown};
  if (typeof code === 'string') copy.code = code;
  if (cause.stack !== undefined) copy.stack = harmless(cause.stack);
  if (cause.cause !== undefined && depth < DEEPEST) copy.cause = clean(cause.cause, depth + 1);
  Object.defineProperty(copy, CLEAN, {value: true});
  return copy;
}

function harmless(text: string): string {
  return escapeControls(redactText(text));
}

/** The code of a system or library error, looked for through its causes. */
export function errorCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < DEEPEST; at = at.cause, depth++) {
    const {code} = at as {code?: unknown};
    if (typeof code === 'string' && code !== '') return code;
  }
  return undefined;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message as unknown : error);
  } catch {
    return `something thrown that can't be shown (${typeof error})`;
  }
}
