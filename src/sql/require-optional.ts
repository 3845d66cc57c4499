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
    if (!isMissing(error, name)) throw error;
    const missing = new Error(`install ${name} to use ${feature}: npm install ${name}`, {cause: error});
    throw Object.assign(missing, {code: 'ERR_OPTIONAL_MISSING'});
  }
}

/** Not a package that the named one misses in its turn: then the named one is there, and broken. */
function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(`'${name}'`);
}
