declare const held: unique symbol;

/** Names one thing in a Context; `T` is what is kept there. */
export type ContextKey<T> = string & {readonly [held]?: T};

/** A family of keys: one for each set of parts. */
export interface ContextKeys<T> {
  /** The key of these parts; they must include everything that makes the kept thing differ. */
  of(...parts: readonly (string | number | boolean | undefined)[]): ContextKey<T>;
}

/**
 * Makes a family of keys.
 *
 * @example const MIRRORS = contextKeys<Source[]>('mirrors'); context.once(MIRRORS.of(url), fetchList)
 */
export function contextKeys<T>(family: string): ContextKeys<T> {
  return {of: (...parts) => JSON.stringify([family, ...parts.map((part) => part ?? null)])};
}
