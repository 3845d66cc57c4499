/** The codes of the answers that are the server's own; the others are those of the catalogue. Stable, as programs branch on them. */
export const SERVER_CODES = {
  BAD_REQUEST: 'the address, a parameter or a header is not as it should be',
  UNAUTHORIZED: 'no token, or none that is known',
  FORBIDDEN: 'the token has not the scope that this needs, or a browser asked on behalf of another site',
  NO_SUCH_ADDRESS: 'nothing is at this address',
  METHOD_NOT_ALLOWED: 'the address is there, and does not know the method',
  BODY_TOO_LARGE: 'the body is larger than the limit, packed or unpacked',
  UNSUPPORTED_MEDIA_TYPE: 'the body is of a type, or in an encoding, that is not taken here',
  WRONG_HOST: 'the Host is not one of this server',
  PRECONDITION_REQUIRED: 'it exists: say with If-Match which version is replaced, or with Merge-Base what it was made from',
  BUSY: 'more requests at once than the limit',
  CLOSING: 'the server is being stopped',
  INTERNAL: 'a fault of the server',
} as const;

/** A stable code of the server. */
export type ServerCode = keyof typeof SERVER_CODES;
