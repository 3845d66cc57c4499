/** What a token may do, the least first; each includes those before it. */
export const SCOPES = ['read', 'publish', 'admin'] as const;

/** `read`: everything that is there. `publish`: add and change. `admin`: remove releases, close them, revert changes. */
export type Scope = typeof SCOPES[number];

/** Who asks, as far as the server knows. */
export interface Grant {
  /** The name of the token; it stands in the history. */
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** Whether somebody with these scopes may do what needs that one. */
export function allows(scopes: readonly Scope[], needed: Scope): boolean {
  return scopes.some((scope) => SCOPES.indexOf(scope) >= SCOPES.indexOf(needed));
}
