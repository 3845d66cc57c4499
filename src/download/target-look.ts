import {addressId} from '../core/address-id.js';
import type {ContextView, KeptVersion, WriterPlan, WriterStart} from '../core/contract.js';
import {DownloadError, ResumeRejected} from '../core/errors.js';
import {redactUrl} from '../core/redact.js';
import {DigestSet} from '../monitor/digest-set.js';
import {untilAborted} from './attempt.js';
import {ByteSequence, isProven, type Judges} from './byte-sequence.js';
import type {PartialBody} from './partial-body.js';
import type {Outcome} from './result.js';
import type {WriterGate} from './writer-gate.js';

/** What the look needs. */
export interface LookParts {
  readonly gate: WriterGate;
  readonly judges: Judges;
  readonly partial: PartialBody;
  readonly context: ContextView;
  readonly signal: AbortSignal;
  /** The address asked for first. */
  readonly url: string;
  readonly ifChanged: KeptVersion | undefined;
  readonly warnings: DownloadError[];
}

/** What is at the target. */
export interface Look {
  /** The run is over: what is there is kept. */
  readonly kept?: Outcome | undefined;
  /** What is there is whole, and the source may say that it is still the one. */
  readonly version?: KeptVersion | undefined;
  readonly path?: string | undefined;
}

/**
 * The source says that what is there is still the one. @throws ResumeRejected when it is not there any more: then it is
 * asked for without a condition
 */
export async function notModified({version, path}: Look, gate: WriterGate, url: string): Promise<Outcome> {
  try {
    for await (const _chunk of gate.read()) break;
  } catch (cause) {
    throw new ResumeRejected(`not modified (304), but the file went away meanwhile: ${path ?? url}`, {cause, url});
  }
  return {outcome: 'notModified', path, facts: (version as KeptVersion).facts};
}

/** Looks at the target before a byte moves: what is there may be kept, compared with the source, or continued. @throws DownloadError */
export async function lookAtTarget(parts: LookParts): Promise<Look> {
  const {gate, judges, context, signal, ifChanged} = parts;
  // A guard only says what bytes are not: it can't tell that those at the target are the right ones.
  const validated = isProven(judges.validations, ['size', 'digest']);
  const start: WriterStart = {context, url: redactUrl(parts.url), address: addressId(parts.url), signal, validated, conditional: ifChanged !== undefined};
  const plan = gate.writer.prepare === undefined ? undefined : await untilAborted(gate.prepare(start), signal);
  if (plan?.partial !== undefined) await parts.partial.adopt(plan.partial, signal);
  if (plan?.existing === undefined) return {};
  if (plan.existing !== 'unless-modified') return {kept: await judgeExisting(plan, parts)};
  const whole = ifChanged !== undefined && await isWhole(ifChanged, parts);
  return whole ? {version: ifChanged, path: plan.path} : {};
}

/**
 * Judges what is at the target already. Accepted: the run is over, `kept`. Not accepted: with `same` the file is
 * fetched again; with `keep` that is the end, and the file stays as it is.
 */
async function judgeExisting(plan: WriterPlan, parts: LookParts): Promise<Outcome | undefined> {
  const {judges} = parts;
  const sequence = new ByteSequence(judges, undefined);
  if (plan.size !== undefined && judges.validations.length === 0 && !sequence.hashes) {
    return {outcome: 'kept', path: plan.path, facts: {size: plan.size}};
  }
  try {
    await read(parts, (chunk) => { sequence.update(chunk); });
    const verdict = sequence.apply(parts.warnings);
    if (verdict !== undefined) await untilAborted(verdict, parts.signal);
  } catch (error) {
    if (plan.existing === 'keep' || !(error instanceof DownloadError) || error.class === 'cancelled') throw error;
    return undefined;
  }
  return {outcome: 'kept', path: plan.path, facts: sequence.facts};
}

/** Whether the target still has the facts of the version, and the validations accept it. */
async function isWhole({facts}: KeptVersion, parts: LookParts): Promise<boolean> {
  const digests = new DigestSet();
  const {size, ...wanted} = facts;
  for (const algorithm of Object.keys(wanted)) digests.request(algorithm);
  const sequence = new ByteSequence(parts.judges, undefined);
  try {
    await read(parts, (chunk) => {
      digests.update(chunk);
      sequence.update(chunk);
    });
    const verdict = sequence.apply([]);
    if (verdict !== undefined) await untilAborted(verdict, parts.signal);
  } catch (error) {
    if (!(error instanceof DownloadError) || error.class === 'cancelled') throw error;
    return false;
  }
  digests.finish();
  return digests.size === size && Object.entries(wanted).every(([algorithm, hex]) => digests.hex(algorithm) === hex);
}

async function read({gate, signal}: LookParts, take: (chunk: Uint8Array) => void): Promise<void> {
  for await (const chunk of gate.read()) {
    signal.throwIfAborted();
    take(chunk);
  }
}
