import type {WriterPlan} from '../core/contract.js';
import {DownloadError} from '../core/errors.js';
import {untilAborted} from './attempt.js';
import {ByteSequence, type Judges} from './byte-sequence.js';
import type {Outcome} from './result.js';
import type {WriterGate} from './writer-gate.js';

/**
 * Judges what is at the target already. Accepted: the run is over, `kept`. Not accepted: with `same` the file is
 * fetched again; with `keep` that is the end, and the file stays as it is.
 *
 * @throws DownloadError
 */
export async function judgeExisting(plan: WriterPlan, gate: WriterGate, judges: Judges, signal: AbortSignal,
  warnings: DownloadError[]): Promise<Outcome | undefined> {
  const sequence = new ByteSequence(judges, undefined);
  if (plan.size !== undefined && judges.validations.length === 0 && !sequence.hashes) {
    return {outcome: 'kept', path: plan.path, facts: {size: plan.size}};
  }
  try {
    for await (const chunk of gate.read()) {
      signal.throwIfAborted();
      sequence.update(chunk);
    }
    const verdict = sequence.apply(warnings);
    if (verdict !== undefined) await untilAborted(verdict, signal);
  } catch (error) {
    if (plan.existing === 'keep' || !(error instanceof DownloadError) || error.class === 'cancelled') throw error;
    return undefined;
  }
  return {outcome: 'kept', path: plan.path, facts: sequence.facts};
}
