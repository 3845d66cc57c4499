/** A document (or a text that should be one) that is refused before anything is done with it. */
export class InvalidDocument extends Error {
  readonly code = 'INVALID_DOCUMENT';

  /**
   * @param path JSON Pointer (RFC 6901) to the value at fault; the empty text is the whole document.
   * @param reason What is wrong there, without the value.
   */
  constructor(readonly path: string, readonly reason: string, options?: ErrorOptions) {
    super(`invalid document${path === '' ? '' : ` at ${JSON.stringify(path.slice(0, 200))}`}: ${reason}`, options);
    this.name = 'InvalidDocument';
  }
}
