/** A promise that the test settles: something is held back until its moment has come. */
export class Moment {
  /** Call it when it has come. */
  reach: () => void = () => undefined;
  /** Resolves then. */
  readonly reached = new Promise<void>((resolve) => { this.reach = resolve; });
}
