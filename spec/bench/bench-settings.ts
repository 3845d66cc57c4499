/** What the command line of the bench asks for; each part takes what concerns it. */
export interface BenchSettings {
  /** Pairs of runs behind each ratio. */
  readonly pairs: number;
  /** Files of the part `small`. */
  readonly files: number;
  /** MiB of the one file of `large` and `segments`. */
  readonly mebibytes: number;
  /** MiB of the one file of `waste`. */
  readonly wasteMebibytes: number;
  /** How long the server of `outage` is away. */
  readonly outageSeconds: number;
  /** Items of the part `outage`. */
  readonly items: number;
  /** Global rows of the part `preferences`. */
  readonly rows: number;
  /** Draws where `waste` cuts and kills; the same for every contestant. */
  readonly seed: number;
}

export const KIB = 1024;
export const MIB = KIB * KIB;
