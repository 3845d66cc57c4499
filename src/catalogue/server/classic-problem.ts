import {
  InvalidDocument, InvalidFact, InvalidName, MergeConflict, NotInCatalogue, PrunedAncestor, ReadOnlyRelease, StaleVersion,
} from '../catalogue-errors.js';
import type {PartConflict} from '../contract.js';
import {InvalidDocument as BadDocument} from '../merge/invalid-document.js';

/** The text that old submitters look for, and that their logs are full of. */
const OUTDATED = 'Failed to update row, old_data_version doesn\'t match current data_version';

/** The old shape of a refusal. New members tell what it was about; old clients don't look at them. */
export interface ClassicProblemBody {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly exception?: string | undefined;
  readonly data?: readonly string[] | undefined;
  readonly current_data_version?: number | undefined;
  readonly conflicts?: readonly PartConflict[] | undefined;
}

/** A refusal that is told in the old shape. */
export class ClassicProblem extends Error {
  readonly body: ClassicProblemBody;

  constructor(status: number, title: string, detail: string, more: Partial<ClassicProblemBody> = {}) {
    super(detail);
    this.name = 'ClassicProblem';
    this.body = {type: 'about:blank', title, status, detail, ...more};
  }
}

/** 400 in the old shape. */
export function classicBadRequest(detail: string): ClassicProblem {
  return new ClassicProblem(400, 'Bad Request', detail);
}

/** What an error is in the old shape; undefined: the same as everywhere (401, 403, 413, 415, 5xx). */
export function classicProblemOf(error: unknown): ClassicProblem | undefined {
  if (error instanceof ClassicProblem) return error;
  if (error instanceof MergeConflict) return outdated({conflicts: error.conflicts});
  if (error instanceof StaleVersion || error instanceof PrunedAncestor) return outdated({});
  if (error instanceof ReadOnlyRelease) return new ClassicProblem(403, 'Forbidden', `Couldn't update release: ${error.message}`);
  if (error instanceof NotInCatalogue) return new ClassicProblem(404, 'Not Found', error.message);
  if (error instanceof InvalidDocument || error instanceof InvalidFact || error instanceof InvalidName || error instanceof BadDocument) {
    return new ClassicProblem(400, 'Bad Request', `Couldn't update release: ${error.message}`, {data: [error.message]});
  }
  return undefined;
}

function outdated(more: Partial<ClassicProblemBody>): ClassicProblem {
  const exception = 'Couldn\'t perform the request PUT. Outdated Data Version. old_data_version doesn\'t match current data_version';
  return new ClassicProblem(400, 'Bad Request', `Couldn't update release: ${OUTDATED}`, {exception, data: [OUTDATED], ...more});
}
