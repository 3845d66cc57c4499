import {redactText} from '../../core/redact.js';

/** A value that may be printed: addresses in it lose what could be a secret. */
export function harmless(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(harmless);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, harmless(item)]));
}

/** A value on one line: JSON; of a secret only whether it is set. */
export function cellOf(value: unknown): string {
  if (isShownSecret(value)) return value.isSet ? '(set)' : '(not set)';
  return JSON.stringify(harmless(value));
}

/** The same for scripts: a text stands without quotes. */
export function plainOf(value: unknown): string {
  return typeof value === 'string' ? redactText(value) : JSON.stringify(harmless(value));
}

function isShownSecret(value: unknown): value is {readonly isSet: boolean} {
  return typeof value === 'object' && value !== null && 'isSet' in value;
}
