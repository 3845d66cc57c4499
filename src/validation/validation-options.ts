import {misuse, onlyKeys} from '../core/options.js';

/** How a validation counts. */
export interface ValidationOptions {
  /** `false`: a failure becomes a warning. @default true */
  enforced?: boolean | undefined;
}

/** Reads the option that all validations share; `more` names those of the validation's own. @throws TypeError */
export function enforcement(group: string, options: ValidationOptions, more: readonly string[] = []): boolean {
  onlyKeys(group, options, ['enforced', ...more]);
  return truth('enforced', options.enforced, true);
}

/** An option that is true or false. @throws TypeError */
export function truth(option: string, value: unknown, fallback: boolean): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw misuse(option, value, 'true or false');
  return value ?? fallback;
}
