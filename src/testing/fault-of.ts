import {DownloadError} from '../core/errors.js';

/** The fault that a run ends with. @throws Error when it ends well, and whatever it ends with that is no DownloadError */
export async function faultOf(run: Promise<unknown>): Promise<DownloadError> {
  try {
    await run;
  } catch (thrown) {
    if (thrown instanceof DownloadError) return thrown;
    throw thrown;
  }
  throw new Error('expected a run that fails, it succeeded');
}
