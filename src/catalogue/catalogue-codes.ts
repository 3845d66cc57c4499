/**
 * The one table of the catalogue's error codes: stable strings that programs, the HTTP answers and old clients branch on.
 */
export const CATALOGUE_CODES = {
  INVALID_NAME: 'a name, path, actor or request id is empty, too long, or has characters that are not allowed',
  INVALID_DOCUMENT: 'a document or a patch is no JSON that can be kept, too large, too deep, or against a rule of its lists',
  INVALID_FACT: 'a fact lacks a member, or has one that is not allowed; `index` says which fact',
  PATCH_FAILED: 'the patch cannot be applied to its base: a `test` failed, or a place does not exist',
  REQUEST_REUSED: 'the request id was used for something else before',
  UNKNOWN_RELEASE: 'there is no such release',
  UNKNOWN_PART: 'the release has no such part',
  UNKNOWN_VERSION: 'there is no such version or change',
  RELEASE_EXISTS: 'the release exists with another product, schema or hash function',
  READ_ONLY_RELEASE: 'the release is read-only',
  STALE_VERSION: 'it was changed since; `currentVersion` is the one that stands',
  MERGE_CONFLICT: 'both changed the same place differently; `conflicts` names each',
  PRUNED_ANCESTOR: 'the base is so old that its document was pruned, so nothing can be merged with it',
  STORE_FAULT: 'the database failed',
  STORE_READ_ONLY: 'the database takes no writes',
  OVERLOADED: 'the database was locked or away for longer than the limit; try again later',
  OUTCOME_UNKNOWN: 'the connection was lost while committing, and what became of it could not be found out',
} as const;

/** A stable error code of the catalogue. */
export type CatalogueCode = keyof typeof CATALOGUE_CODES;
