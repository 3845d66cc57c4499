import {Contradiction, NotInCatalogue, Refused, type CatalogueError} from '../catalogue-errors.js';
import {RequestRefused} from './client-errors.js';

/** Those of the request itself. 401 is none: a token can be replaced; nor is 404, which is a wrong address. */
const FOR_GOOD = new Set([400, 403, 413, 415, 428]);

/** Whether the same publication may be taken later, unchanged: the catalogue, the way or the token failed, and not it. */
export function isPassing(error: CatalogueError): boolean {
  if (error instanceof RequestRefused) return !FOR_GOOD.has(error.status);
  return !(error instanceof Refused || error instanceof NotInCatalogue || error instanceof Contradiction);
}
