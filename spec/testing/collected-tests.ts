import type {TestFunctions} from '../../src/testing/test-functions.js';

/** A test runner of a few lines: takes the tests of a contract and says which of them fail. */
export class CollectedTests implements TestFunctions {
  readonly #tests: {readonly name: string; readonly body: () => void | Promise<void>}[] = [];

  readonly describe = (_name: string, body: () => void): void => { body(); };

  readonly it = (name: string, body: () => void | Promise<void>): void => { this.#tests.push({name, body}); };

  get names(): string[] {
    return this.#tests.map(({name}) => name);
  }

  /** Runs them all, one after the other. Gives back the names of those that failed. */
  async failures(): Promise<string[]> {
    const failed: string[] = [];
    for (const {name, body} of this.#tests) {
      try {
        await body();
      } catch {
        failed.push(name);
      }
    }
    return failed;
  }
}

/** The names of the failing tests that a contract makes. */
export async function failuresOf(contract: (test: TestFunctions) => void): Promise<string[]> {
  const tests = new CollectedTests();
  contract(tests);
  return tests.failures();
}
