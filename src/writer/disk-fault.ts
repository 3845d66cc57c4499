import {DownloadError, WriterError} from '../core/errors.js';
import {errorCode, messageOf} from '../core/foreign-error.js';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'it exists already',
  EFBIG: 'the file system takes no file of this size',
  EINVAL: 'the file system refused',
  EIO: 'the medium failed',
  EISDIR: 'it is a folder',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many open files in this process',
  ENAMETOOLONG: 'the name is too long',
  ENFILE: 'too many open files on this machine',
  ENOENT: 'no such file or folder',
  ENOSPC: 'no space left on the device',
  ENOTDIR: 'a part of the path is not a folder',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  EXDEV: 'it is on another file system',
};

/** Descriptors come back: these are worth waiting for. */
const PASSING = new Set(['EMFILE', 'ENFILE']);

/**
 * A fault of the file system as ours: the message names operation, path and reason, `cause` is node's error. Class
 * `local`, or `transient` when descriptors ran out. Errors that are ours already pass unchanged.
 */
export function diskFault(error: unknown, operation: string, path: string): DownloadError {
  if (error instanceof DownloadError) return error;
  const code = errorCode(error);
  const reason = code === undefined ? messageOf(error) : `${REASONS[code] ?? messageOf(error)} (${code})`;
  const passing = code !== undefined && PASSING.has(code);
  return new WriterError(`cannot ${operation} ${path}: ${reason}`, path, {cause: error, class: passing ? 'transient' : 'local'});
}

/** The system's code of a fault, wrapped by `diskFault` or not. */
export function systemCode(error: unknown): string | undefined {
  return errorCode(error instanceof WriterError ? error.cause : error);
}

/** Awaits one operation of the disk. @throws WriterError naming operation and path */
export async function onDisk<T>(work: Promise<T>, operation: string, path: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw diskFault(error, operation, path);
  }
}
