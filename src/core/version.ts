/** This package's version; a house spec compares it with package.json. */
export const VERSION = '0.1.0';

/** What servers are told, unless the caller sets another User-Agent. */
export const USER_AGENT = `jupiter-download/${VERSION}`;
