import {CatalogueError, Contradiction, MergeConflict, NotInCatalogue, Refused} from '../../catalogue/catalogue-errors.js';
import {WriterError} from '../../core/errors.js';
import {messageOf} from '../../core/foreign-error.js';
import {EXIT_FAILED, EXIT_OUTPUT_CLOSED, EXIT_REFUSED, EXIT_USAGE} from '../exit-codes.js';
import {oneLine} from '../reporter.js';
import {StandardOutput} from '../standard-output.js';
import {conflictLines} from './conflict-table.js';

/** What a command of the catalogue answers with. */
export interface Desk {
  /** A line of the answer, on stdout. @throws WriterError when it takes no more; `atDesk` tells of it */
  readonly print: (line: string) => Promise<void>;
  /** A line for people, on stderr, after the name of the command. */
  readonly say: (text: string) => void;
}

/** What helps against a fault; undefined: nothing that this command knows. */
export type Remedy = (fault: CatalogueError) => string | undefined;

/**
 * Runs one command of the catalogue. Whatever goes wrong is told on stderr.
 *
 * @returns the exit code
 */
export async function atDesk(command: string, work: (desk: Desk) => Promise<void>, remedy: Remedy = () => undefined): Promise<number> {
  const name = `jupiter catalogue ${command}`;
  const output = new StandardOutput(name);
  const say = (text: string): void => { process.stderr.write(`${name}: ${text}\n`); };
  const print = (line: string): Promise<void> => {
    output.print(line);
    return output.flush();
  };
  try {
    await work({print, say});
    return 0;
  } catch (thrown) {
    if (thrown instanceof WriterError && output.closed) return EXIT_OUTPUT_CLOSED;
    if (thrown instanceof MergeConflict) {
      for (const line of conflictLines(thrown.conflicts, process.stderr)) process.stderr.write(`${line}\n`);
    }
    const code = exitOf(thrown);
    if (code === undefined) throw thrown;
    say(oneLine(thrown instanceof CatalogueError ? messageWith(thrown, remedy(thrown)) : messageOf(thrown)));
    return code;
  } finally {
    output.release();
  }
}

function messageWith({code, message}: CatalogueError, remedy: string | undefined): string {
  return `${code}: ${message}${remedy === undefined ? '' : `; ${remedy}`}`;
}

function exitOf(thrown: unknown): number | undefined {
  if (thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof Refused) return EXIT_USAGE;
  if (thrown instanceof NotInCatalogue) return 4;
  if (thrown instanceof Contradiction) return EXIT_REFUSED;
  const isMissing = (thrown as {code?: unknown} | null)?.code === 'ERR_OPTIONAL_MISSING';
  if (isMissing) return EXIT_USAGE;
  if (!(thrown instanceof CatalogueError)) return undefined;
  if (/^(?:UNAUTHENTICATED|UNAUTHORIZED|FORBIDDEN|TOKEN_UNAVAILABLE)$/.test(thrown.code)) return 5;
  return /^(?:UNREACHABLE|TIMED_OUT)$/.test(thrown.code) ? 3 : EXIT_FAILED;
}
