import {createRequire} from 'node:module';

/**
 * Loads an optional package when it is first needed, so that nobody pays for what they don't use.
 *
 * @param name The package, as npm names it.
 * @param feature What needs it, for the message: `a catalogue in a file`.
 * @throws Error with the code ERR_OPTIONAL_MISSING that says what to install; whatever else the package throws when it is loaded
 */
export async function requireOptional<T>(name: string, feature: string): Promise<T> {
  try {
    return await import(name) as T;
  } catch (error) {
    throw isMissing(error, name) ? missing([name], feature, error) : error;
  }
}

/**
 * The same without waiting, for what a module needs as soon as it is loaded. It gives the package as CommonJS has it.
 *
 * @throws Error with the code ERR_OPTIONAL_MISSING; whatever else the package throws when it is loaded
 */
export function requireOptionalNow(name: string, feature: string): unknown {
  try {
    return createRequire(import.meta.url)(name);
  } catch (error) {
    throw isMissing(error, name) ? missing([name], feature, error) : error;
  }
}

/**
 * Asks for all that something needs at once, before the first of it is loaded: one message names everything that is not
 * installed, so that nobody installs one package after the other.
 *
 * @param names The packages, as npm names them; none is loaded.
 * @throws Error with the code ERR_OPTIONAL_MISSING
 */
export function checkOptional(names: readonly string[], feature: string): void {
  const faults = names.flatMap((name) => {
    const fault = faultOf(name);
    return fault === undefined ? [] : [{name, fault}];
  });
  if (faults.length > 0) throw missing(faults.map(({name}) => name), feature, faults[0]?.fault);
}

/** Why a package can't be found; what else is wrong with it, or that `require` alone can't have it, is told when it is loaded. */
function faultOf(name: string): unknown {
  try {
    createRequire(import.meta.url).resolve(name);
    return undefined;
  } catch (error) {
    return isMissing(error, name) ? error : undefined;
  }
}

function missing(names: readonly string[], feature: string, cause: unknown): Error {
  const all = names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
  const error = new Error(`install ${all} to use ${feature}: npm install ${names.join(' ')}`, {cause});
  return Object.assign(error, {code: 'ERR_OPTIONAL_MISSING'});
}

/** Not a package that the named one misses in its turn: then the named one is there, and broken. */
function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND') && error.message.includes(`'${name}'`);
}
