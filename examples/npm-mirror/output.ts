/** What standard output can't take: the disk is full, or nobody reads it any more. */
export class OutputFault extends Error {}

/** Writes to standard output, and waits until it is there. @throws OutputFault */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = ({code = 'a fault'}: NodeJS.ErrnoException): void => {
      reject(new OutputFault(code === 'EPIPE' ? 'nobody reads the output any more' : `cannot write to standard output (${code})`));
    };
    // The stream tells its listeners too, after the writer; without one the process would end with a stack.
    process.stdout.once('error', fail);
    process.stdout.write(text, (error) => {
      if (error instanceof Error) {
        fail(error);
        return;
      }
      process.stdout.off('error', fail);
      resolve();
    });
  });
}
