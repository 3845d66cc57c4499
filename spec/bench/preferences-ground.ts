import type {SqlPreferenceStore} from '../../src/preferences/store/sql-preference-store.js';
import type {BenchDatabase} from './preferences-database.js';
import type {PreferenceRows} from './preferences-rows.js';

/** One engine with our tables and the naive ones beside each other. */
export interface PreferenceSite {
  /** For people. */
  readonly name: string;
  /** A path or a URL. */
  readonly location: string;
  readonly store: SqlPreferenceStore;
  /** The naive tables. */
  readonly naive: BenchDatabase;
  /** Ours, past the store. */
  readonly ours: BenchDatabase;
}

/** Where all of the part `preferences` happens. */
export interface PreferencesGround {
  readonly sites: readonly PreferenceSite[];
  readonly rows: PreferenceRows;
  readonly pairs: number;
  readonly seed: number;
}

/** `1,234,567`. */
export function number(value: number, digits = 0): string {
  return value.toLocaleString('en', {minimumFractionDigits: digits, maximumFractionDigits: digits});
}
