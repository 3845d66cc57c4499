import type {Published, Writer, WriterAbilities, WriterMeta} from '../core/contract.js';
import type {DownloadError} from '../core/errors.js';

const NO_ABILITIES: WriterAbilities = Object.freeze({rewind: false, resume: false, positional: false, read: false});

/**
 * The least a Writer needs: a subclass overrides `append` and `close`, and the rest where it has something to do.
 *
 * @example
 * class LineCounter extends BaseWriter {
 *   lines = 0;
 *   append(chunk: Uint8Array): void { for (const byte of chunk) if (byte === 10) this.lines++; }
 *   close(): void {}
 * }
 */
export abstract class BaseWriter implements Writer {
  /**
   * The lowest offset that the writer can go back to. `Infinity` by default: what was appended is gone, so a download
   * is never started again once a byte was accepted. A writer that can go back overrides it together with `abilities`
   * and `rewind`.
   */
  get floor(): number {
    return Infinity;
  }

  /** Nothing but taking bytes in their order, by default. */
  get abilities(): WriterAbilities {
    return NO_ABILITIES;
  }

  /** Called once, at the first acceptable reply; does nothing by default. */
  open(_meta: WriterMeta): void | Promise<void> {
    return undefined;
  }

  /** Takes one chunk, which is the writer's from then on; a returned promise holds the source back. */
  abstract append(chunk: Uint8Array): void | Promise<void>;

  /** Publishes. Called once, after every enforced validation passed. */
  abstract close(): Published | void | Promise<Published | void>;

  /** Called instead of `close`, or after a failed one; does nothing by default. */
  discard(_end: {readonly error: DownloadError; readonly keep?: boolean | undefined}): void | Promise<void> {
    return undefined;
  }
}
