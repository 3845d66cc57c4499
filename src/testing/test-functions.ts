/** What a test runner gives its tests: the functions of mocha, vitest, jest or `node:test`. */
export interface TestFunctions {
  /** Begins a group of tests. */
  describe(this: void, name: string, body: () => void): unknown;
  /** One test. */
  it(this: void, name: string, body: () => void | Promise<void>): unknown;
}

/** What a test runner gives to set up and clear away around each test. */
export interface TestHooks {
  /** Runs before each test of the group. */
  beforeEach(this: void, body: () => void | Promise<void>): unknown;
  /** Runs after each test of the group, however it ended. */
  afterEach(this: void, body: () => void | Promise<void>): unknown;
}
