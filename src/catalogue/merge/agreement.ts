import {equalJson} from './equal-json.js';
import type {Json} from '../../core/json.js';

/** Which of the three values of a merge are equal: any of the bits below. */
export type Agreement = number;

/** The tip and the incoming value are equal (rule 1). */
export const SIDES = 1;
/** The tip is as the ancestor (rule 2). */
export const TIP_KEPT = 2;
/** The incoming value is as the ancestor (rule 3). */
export const INCOMING_KEPT = 4;
/** All three are equal. */
export const ALL = SIDES | TIP_KEPT | INCOMING_KEPT;

/** Compares the three as a whole. */
export function agreementOf(ancestor: Json | undefined, tip: Json | undefined, incoming: Json | undefined): Agreement {
  return (equalJson(tip, incoming) ? SIDES : 0)
    | (equalJson(ancestor, tip) ? TIP_KEPT : 0)
    | (equalJson(ancestor, incoming) ? INCOMING_KEPT : 0);
}
