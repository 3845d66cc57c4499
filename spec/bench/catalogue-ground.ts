import type {BenchPostgres} from './bench-postgres.js';

/** Where all of the part `catalogue` happens. */
export interface CatalogueGround {
  /** On a disk: every commit is synced. */
  readonly folder: string;
  readonly postgres: BenchPostgres;
  readonly pairs: number;
  readonly seed: number;
}

/** Whether a figure is where it was aimed at: `  mark < 30 s: reached`. */
export function markText(mark: string, reached: boolean): string {
  return `  mark ${mark}: ${reached ? 'reached' : 'MISSED'}`;
}
