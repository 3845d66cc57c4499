import type {ReleaseState} from '../contract.js';
import {fieldOf, isList, isObject, type Json, type JsonObject} from '../../core/json.js';
import {formatPointer, parsePointer} from '../merge/json-pointer.js';

/** The lists whose items the classic shape names otherwise. */
const LISTS = ['completes', 'partials'];
/** Classic → ours. */
const NAMES: readonly (readonly [string, string])[] = [['hashValue', 'digest'], ['filesize', 'size'], ['fileUrl', 'url']];
/** Both must be there, so that nothing else is renamed. */
const NEEDED = 2;

/** A locale as old clients know it, as the document of a part: its facts are then those that `publish` makes. */
export function fromClassic(document: JsonObject): JsonObject {
  return withItems(document, (item) => {
    const renamed = rename(item, NAMES);
    const digest = fieldOf(renamed, 'digest');
    return renamed !== item && typeof digest === 'string' ? {...renamed, digest: digest.toLowerCase()} : renamed;
  });
}

/** The document of a part as old clients know it. */
export function toClassic(document: JsonObject): JsonObject {
  return withItems(document, (item) => rename(item, NAMES.map(([classic, ours]) => [ours, classic] as const)));
}

/** A release as old clients know it: parts of two names are locales of a platform, of one name what is said of a platform. */
export function classicRelease({name, schema, hashFunction, parts}: ReleaseState): JsonObject {
  const platforms = new Map<string, JsonObject>();
  for (const {path, document} of parts) {
    const [platform = '', locale, ...rest] = parsePointer(path);
    if (rest.length > 0) continue;
    const known = platforms.get(platform) ?? {};
    platforms.set(platform, locale === undefined ? {...document, ...known}
      : {...known, locales: {...fieldOf(known, 'locales') as JsonObject | undefined, [locale]: toClassic(document)}});
  }
  return {name, schema_version: schema, hashFunction, platforms: Object.fromEntries(platforms)};
}

/** The part of a locale. */
export function localePath(platform: string, locale: string): string {
  return formatPointer([platform, locale]);
}

function withItems(document: JsonObject, change: (item: JsonObject) => JsonObject): JsonObject {
  const lists = LISTS.flatMap((name): [string, Json][] => {
    const list = fieldOf(document, name);
    return isList(list) ? [[name, list.map((item) => isObject(item) ? change(item) : item)]] : [];
  });
  return {...document, ...Object.fromEntries(lists)};
}

function rename(item: JsonObject, names: readonly (readonly [string, string])[]): JsonObject {
  const [needed, others] = [names.slice(0, NEEDED), names.map(([, after]) => after)];
  if (!needed.every(([before]) => Object.hasOwn(item, before)) || others.some((after) => Object.hasOwn(item, after))) return item;
  const after = new Map(names);
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [after.get(name) ?? name, value]));
}
