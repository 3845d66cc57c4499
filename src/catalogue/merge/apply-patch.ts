import {checkJson} from './check-json.js';
import {InvalidPatch} from './invalid-patch.js';
import {fieldOf, isList, isObject, type Json, type JsonObject} from '../../core/json.js';
import {JsonPatch} from './json-patch.js';

/**
 * The patched document; the inputs are never changed, and the outcome may share parts with them. A list is a JSON Patch
 * (RFC 6902), all or nothing; an object is a JSON Merge Patch (RFC 7396). The outcome is checked as every document is.
 * @throws InvalidPatch with the index of the operation at fault; `testFailed` when a `test` says no
 * @throws InvalidDocument when the outcome is none that may be kept, such as too deep
 */
export function applyPatch(document: Json, patch: Json): Json {
  const patched = patchedBy(document, patch);
  checkJson(patched);
  return patched;
}

function patchedBy(document: Json, patch: Json): Json {
  if (isList(patch)) return new JsonPatch(document).apply(patch);
  if (isObject(patch)) return mergePatched(document, patch);
  throw new InvalidPatch(undefined, 'expected a list of operations (RFC 6902) or an object (RFC 7396)');
}

/** RFC 7396, section 2. */
function mergePatched(target: Json | undefined, patch: JsonObject): Json {
  const fields = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) fields.delete(name);
    else fields.set(name, isObject(value) ? mergePatched(isObject(target) ? fieldOf(target, name) : undefined, value) : value);
  }
  return Object.fromEntries(fields);
}
