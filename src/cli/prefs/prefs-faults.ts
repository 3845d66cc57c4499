import {messageOf} from '../../core/foreign-error.js';
import {
  CentralReadOnly, CentralUnavailable, LocalReadOnly, PreferencesError, RevisionConflict, SettingRefused, SettingUnavailable,
} from '../../preferences/preferences-errors.js';
import {EXIT_FAILED, EXIT_REFUSED, EXIT_UNSURE, EXIT_USAGE} from '../exit-codes.js';
import {oneLine} from '../reporter.js';

/** The exit code for what a command of the preferences ended in; undefined: a fault of this program itself. */
export function exitOfFault(thrown: unknown): number | undefined {
  const isMisuse = thrown instanceof TypeError || thrown instanceof RangeError;
  if (isMisuse || thrown instanceof SettingRefused || isMissing(thrown)) return EXIT_USAGE;
  if (thrown instanceof SettingUnavailable) return EXIT_UNSURE;
  if (thrown instanceof RevisionConflict || thrown instanceof CentralReadOnly || thrown instanceof LocalReadOnly) return EXIT_REFUSED;
  if (thrown instanceof CentralUnavailable) return 3;
  return thrown instanceof PreferencesError ? EXIT_FAILED : undefined;
}

/** The same for a command that fetches: what it should go by is not known, so it fetches nothing. */
export function exitOfHonoured(thrown: unknown): number | undefined {
  const isRefused = thrown instanceof SettingRefused || isMissing(thrown);
  return isRefused ? EXIT_USAGE : thrown instanceof PreferencesError ? EXIT_UNSURE : undefined;
}

/** A fault in a line. */
export function faultLine(thrown: unknown): string {
  return oneLine(thrown instanceof PreferencesError ? `${thrown.code}: ${thrown.message}` : messageOf(thrown));
}

function isMissing(thrown: unknown): boolean {
  return (thrown as {code?: unknown} | null)?.code === 'ERR_OPTIONAL_MISSING';
}
