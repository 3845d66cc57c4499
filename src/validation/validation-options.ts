import {misuse, onlyKeys} from '../core/options.js';

/** How a validation counts. */
export interface ValidationOptions {
  /** `false`: a failure becomes a warning. @default true */
  enforced?: boolean | undefined;
}

/** Reads the option that all validations share. @throws TypeError */
export function enforcement(group: string, options: ValidationOptions): boolean {
  onlyKeys(group, options, ['enforced']);
  const {enforced} = options as {enforced?: unknown};
  if (enforced !== undefined && typeof enforced !== 'boolean') throw misuse('enforced', enforced, 'true or false');
  return enforced ?? true;
}
