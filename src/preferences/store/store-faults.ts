import {SqlFault} from '../../sql/sql-fault.js';
import {CentralReadOnly, CentralUnavailable, LocalReadOnly, OutcomeUnknown, StoreFault} from '../preferences-errors.js';

/** Which face of a store was used. */
export type Face = 'local' | 'central';

/** The tower's own errors in the place of SQL's; others pass unchanged. */
export async function translated<T>(face: Face, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof SqlFault ? faultOf(face, error) : error;
  }
}

function faultOf(face: Face, fault: SqlFault): StoreFault {
  const options = {cause: fault};
  if (fault.kind === 'outcome-unknown') return new OutcomeUnknown(`the connection to the ${face} store was lost while committing`, options);
  if (fault.kind === 'read-only') return face === 'local' ? new LocalReadOnly(options) : new CentralReadOnly(options);
  if (fault.kind === 'full') return new StoreFault(`the ${face} store has no room left`, options);
  if (face === 'local' || !fault.retriable) return new StoreFault(`${face} store: ${fault.message}`, options);
  return new CentralUnavailable(`the central store can't be asked: ${fault.message}`, 0, options);
}
