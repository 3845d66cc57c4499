import type {Json} from '../../core/json.js';

/**
 * Why two changes can't be combined. `both-changed`: both sides changed the same value differently. `type`: the values are
 * of different JSON types, so there is nothing to recurse into. `delete-modify`: one side removed what the other changed.
 * `list-not-append-only`: an item of the ancestor's list was removed, changed or moved while the other side changed the list too.
 */
export type ConflictKind = 'both-changed' | 'type' | 'delete-modify' | 'list-not-append-only';

/** One place where two changes can't be combined, with the three values; a missing property means that the value is absent there. */
export interface Conflict {
  /** JSON Pointer (RFC 6901) in which the items of lists are named by their key: `/partials/r1`; the empty text is the whole document. */
  readonly path: string;
  readonly kind: ConflictKind;
  readonly ancestor?: Json;
  readonly tip?: Json;
  readonly incoming?: Json;
}
