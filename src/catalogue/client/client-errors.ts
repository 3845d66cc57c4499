/*
 * CatalogueError
 * └ ClientFault              between a client and its server
 *   ├ Unreachable(sent)      no connection, a broken one, or no answer in time
 *   ├ ServerBusy(retryAfter) the server, or a proxy before it, asks for patience
 *   ├ RequestRefused(status) by the server, before the catalogue saw it: no token, no scope, too large
 *   ├ ForeignAnswer(status)  from something that is no catalogue
 *   ├ TokenUnavailable       its file or variable can't be read
 *   └ OutboxFault            the file of an outbox
 */
import {CatalogueError, type CatalogueErrorOptions} from '../catalogue-errors.js';
import type {ServerCode} from '../server-codes.js';
import type {ClientCode} from '../client-codes.js';

/** Something failed between the client and the catalogue. */
export class ClientFault extends CatalogueError {
  declare readonly code: ClientCode | ServerCode;
}

/** No answer came. */
export class Unreachable extends ClientFault {
  /** The server may have got the request, and done what it asks. */
  readonly sent: boolean;

  constructor(message: string, sent: boolean, options?: CatalogueErrorOptions, code: ClientCode = 'UNREACHABLE') {
    super(message, code, true, options);
    this.sent = sent;
  }
}

/** Not now. Nothing was done. */
export class ServerBusy extends ClientFault {
  /** Ms after which trying again makes sense; undefined when that wasn't said. */
  readonly retryAfter: number | undefined;

  constructor(message: string, retryAfter: number | undefined, code: ServerCode = 'BUSY') {
    super(message, code, true);
    this.retryAfter = retryAfter;
  }
}

/** The server refused the request by itself. */
export class RequestRefused extends ClientFault {
  constructor(message: string, readonly status: number, code: ServerCode) {
    super(message, code, false);
  }
}

/** Another thing answered than a catalogue: a proxy, a portal, another server. */
export class ForeignAnswer extends ClientFault {
  constructor(message: string, readonly status: number) {
    super(message, 'FOREIGN_ANSWER', status >= 500);
  }
}

/** The token can't be had. */
export class TokenUnavailable extends ClientFault {
  constructor(message: string, options?: CatalogueErrorOptions) {
    super(message, 'TOKEN_UNAVAILABLE', false, options);
  }
}

/** The file of an outbox can't be used. */
export class OutboxFault extends ClientFault {
  constructor(message: string, options?: CatalogueErrorOptions, code: ClientCode = 'OUTBOX_FAULT') {
    super(message, code, false, options);
  }
}
