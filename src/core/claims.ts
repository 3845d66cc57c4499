/** Who holds a thing now; kept on the thing itself, so that it holds across Contexts. */
const HOLDER = Symbol('holder');

/**
 * What one run has to itself. Writers and validations keep state, so two runs at once would mix their bytes or judge
 * one by the other's.
 */
export class Claims {
  readonly #held: object[] = [];

  /** Takes a thing until `release`; taking it again is free. @throws TypeError when another run has it */
  take(name: string, thing: object): void {
    const {[HOLDER]: holder} = thing as {[HOLDER]?: Claims | undefined};
    if (holder === this) return;
    if (holder !== undefined) throw new TypeError(`${name}: it is in use by another download that is running; give each its own`);
    if (!Object.isExtensible(thing)) return;
    Object.defineProperty(thing, HOLDER, {value: this, configurable: true, enumerable: false});
    this.#held.push(thing);
  }

  /** Gives everything back. */
  release(): void {
    for (const thing of this.#held.splice(0)) Reflect.deleteProperty(thing, HOLDER);
  }
}
