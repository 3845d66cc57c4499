import {equalJson} from './equal-json.js';
import {InvalidPatch} from './invalid-patch.js';
import {fieldOf, isList, isObject, type Json, type JsonObject} from '../../core/json.js';
import {parsePointer} from './json-pointer.js';

type Editable = null | boolean | number | string | Editable[] | EditableObject;

interface EditableObject {
  [name: string]: Editable;
}

/** What all `copy` operations of a patch may copy together, in values: a list copied into itself doubles each time. */
const MAX_COPIED = 100_000;
const INDEX = /^(?:0|[1-9]\d*)$/;

/**
 * A JSON Patch (RFC 6902) at work on a copy of a document. Only own fields are seen, and only indexes that the RFC allows.
 */
export class JsonPatch {
  #document: Editable;
  #copied = 0;
  #index = 0;

  constructor(document: Json) {
    this.#document = copyOf(document);
  }

  /** The patched document. @throws InvalidPatch */
  apply(operations: readonly Json[]): Json {
    for (const [index, operation] of operations.entries()) {
      this.#index = index;
      if (!isObject(operation)) throw this.#fault('expected an object');
      this.#operate(operation);
    }
    return this.#document;
  }

  #operate(operation: JsonObject): void {
    const path = this.#pointer(operation, 'path');
    const op = fieldOf(operation, 'op');
    if (op === 'add') this.#add(path, copyOf(this.#valueOf(operation)));
    else if (op === 'remove') this.#remove(path);
    else if (op === 'replace') this.#replace(path, copyOf(this.#valueOf(operation)));
    else if (op === 'move') this.#move(this.#pointer(operation, 'from'), path);
    else if (op === 'copy') this.#add(path, this.#copyOf(this.#get(this.#pointer(operation, 'from'))));
    else if (op === 'test') this.#test(path, this.#valueOf(operation));
    else throw this.#fault('op is none of add, remove, replace, move, copy, test');
  }

  #add(path: readonly string[], value: Editable): void {
    this.#put(path, value, (parent, name) => {
      if (!Array.isArray(parent)) setField(parent, name, value);
      else if (name === '-') parent.push(value);
      else if (INDEX.test(name) && Number(name) <= parent.length) parent.splice(Number(name), 0, value);
      else throw this.#fault('the path leads to no place of the list');
    });
  }

  #remove(path: readonly string[]): Editable {
    const value = this.#get(path);
    if (path.length === 0) throw this.#fault('the whole document can\'t be removed or moved');
    this.#put(path, null, (parent, name) => {
      if (Array.isArray(parent)) parent.splice(Number(name), 1);
      else Reflect.deleteProperty(parent, name);
    });
    return value;
  }

  #replace(path: readonly string[], value: Editable): void {
    this.#get(path);
    this.#put(path, value, (parent, name) => {
      if (Array.isArray(parent)) parent[Number(name)] = value;
      else setField(parent, name, value);
    });
  }

  #move(from: readonly string[], path: readonly string[]): void {
    const within = from.every((name, index) => name === path[index]);
    if (within && from.length < path.length) throw this.#fault('a value can\'t be moved into itself');
    if (within && from.length === path.length) this.#get(from);
    else this.#add(path, this.#remove(from));
  }

  #test(path: readonly string[], value: Json): void {
    const found = this.#find(path);
    if (equalJson(found, value)) return;
    const seen = found === undefined ? 'nothing' : 'another value';
    throw new InvalidPatch(this.#index, `the test fails: the document has ${seen} there`, true);
  }

  /** Edits the container that holds the last name of the path; without names `value` is the new document. */
  #put(path: readonly string[], value: Editable, edit: (parent: Editable[] | EditableObject, name: string) => void): void {
    const name = path.at(-1);
    if (name === undefined) {
      this.#document = value;
      return;
    }
    const parent = this.#get(path.slice(0, -1));
    if (typeof parent !== 'object' || parent === null) throw this.#fault('the path leads into a value that is no list and no object');
    edit(parent, name);
  }

  #get(path: readonly string[]): Editable {
    const value = this.#find(path);
    if (value === undefined) throw this.#fault('the path leads to nothing');
    return value;
  }

  #find(path: readonly string[]): Editable | undefined {
    let value: Editable | undefined = this.#document;
    for (const name of path) {
      if (Array.isArray(value)) value = INDEX.test(name) ? value[Number(name)] : undefined;
      else value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    }
    return value;
  }

  #pointer(operation: JsonObject, field: 'path' | 'from'): string[] {
    const pointer = fieldOf(operation, field);
    if (typeof pointer !== 'string') throw this.#fault(`${field} is missing, or no text`);
    try {
      return parsePointer(pointer);
    } catch (error) {
      throw this.#fault(`${field}: ${(error as SyntaxError).message}`);
    }
  }

  #valueOf(operation: JsonObject): Json {
    const value = fieldOf(operation, 'value');
    if (value === undefined) throw this.#fault('value is missing');
    return value;
  }

  #copyOf(value: Editable): Editable {
    this.#copied += sizeOf(value, MAX_COPIED - this.#copied);
    if (this.#copied > MAX_COPIED) throw this.#fault(`the patch copies more than ${MAX_COPIED} values`);
    return copyOf(value);
  }

  #fault(reason: string): InvalidPatch {
    return new InvalidPatch(this.#index, reason);
  }
}

function copyOf(value: Json): Editable {
  if (isList(value)) return value.map(copyOf);
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, field]) => [name, copyOf(field)])) : value;
}

/** Never through the setter that `__proto__` has. */
function setField(object: EditableObject, name: string, value: Editable): void {
  Object.defineProperty(object, name, {value, writable: true, enumerable: true, configurable: true});
}

/** How many values there are, itself included; counting ends soon after the limit. */
function sizeOf(value: Editable, limit: number): number {
  let size = 1;
  if (typeof value !== 'object' || value === null) return size;
  for (const inside of Object.values<Editable>(value)) {
    if (size > limit) break;
    size += sizeOf(inside, limit - size);
  }
  return size;
}
