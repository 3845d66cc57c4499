/** What a promise was rejected with, as the class that the test expects. @throws when it was resolved */
export async function rejection<E extends Error = Error>(promise: Promise<unknown>): Promise<E> {
  try {
    await promise;
  } catch (error) {
    return error as E;
  }
  throw new Error('expected a rejection, but it was resolved');
}
