import {fieldOf, isList, isObject, type Json} from '../../core/json.js';

/** True for equal values; the order of fields makes no difference, 1.0 is 1, and absent equals only absent. */
export function equalJson(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (isList(one)) return isList(other) && one.length === other.length && one.every((item, index) => equalJson(item, other[index]));
  if (!isObject(one) || !isObject(other)) return false;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  for (const name of names) if (!equalJson(one[name], fieldOf(other, name))) return false;
  return true;
}
