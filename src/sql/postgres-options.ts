/** How a PostgreSQL database is opened. */
export interface PostgresOptions {
  /** Connections at most. @default 10 */
  readonly connections?: number | undefined;
  /** How long a statement waits for a row's lock before it gives way and the transaction is repeated, ms. @default 5_000 */
  readonly lockTimeout?: number | undefined;
  /** How long a new connection may take, ms. @default 5_000 */
  readonly connectTimeout?: number | undefined;
  /**
   * How long a statement may be without an answer, ms; 0: as long as it takes. It frees a connection whose server fell silent,
   * and doesn't tell a slow statement from one that nobody answers. @default 0
   */
  readonly queryTimeout?: number | undefined;
  /** How long `close` waits for statements that run and for goodbyes, ms; then the connections are cut. @default 10_000 */
  readonly closeTimeout?: number | undefined;
  /** The schema (search_path) in which the tables are. Default: the server's */
  readonly schema?: string | undefined;
}
