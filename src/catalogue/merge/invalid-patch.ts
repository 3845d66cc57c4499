/** A patch that can't be applied: it is malformed, it points at nothing, or one of its tests fails. */
export class InvalidPatch extends Error {
  readonly code = 'INVALID_PATCH';

  /**
   * @param index Place of the operation at fault in the patch, from 0; undefined when the whole patch is at fault.
   * @param reason What is wrong with it.
   * @param testFailed The operation is a well-formed `test` and the document says otherwise: not a mistake, but a lost race.
   */
  constructor(readonly index: number | undefined, readonly reason: string, readonly testFailed = false) {
    super(`invalid patch${index === undefined ? '' : `, operation ${index}`}: ${reason}`);
    this.name = 'InvalidPatch';
  }
}
