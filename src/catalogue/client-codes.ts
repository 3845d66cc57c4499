/** The codes of faults between a client and its server; the others are those of the catalogue and of the server. Stable. */
export const CLIENT_CODES = {
  UNREACHABLE: 'no connection to the server could be made, or it broke',
  TIMED_OUT: 'the server did not answer in time',
  FOREIGN_ANSWER: 'what answered is no catalogue',
  TOKEN_UNAVAILABLE: 'the token cannot be read',
  OUTBOX_FAULT: 'the file of the outbox cannot be read, written or claimed',
  OUTBOX_FULL: 'the outbox takes no more',
} as const;

/** A stable code of the client. */
export type ClientCode = keyof typeof CLIENT_CODES;
