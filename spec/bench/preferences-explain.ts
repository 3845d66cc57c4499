import type {BenchDatabase} from './preferences-database.js';

/** How a statement is carried out. */
export interface Verdict {
  /** Steps that walk through a whole table or index. */
  readonly scans: readonly string[];
  /** Tables of a few rows that are read whole. */
  readonly small: readonly string[];
  /** Pages touched, where the engine tells. */
  readonly pages: number | undefined;
  /** Rows that came out, were written, or were asked for; 1 at least. */
  readonly rows: number;
}

/** What is used of a step of PostgreSQL's plan. */
interface Step {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly 'Plans'?: readonly Step[];
}

/** A table of so many rows is small: a planner reads it whole, since that is the quickest way. */
const FEW = 200;
/** Rows that a filter may throw away. */
const THROWN = 100;

/** Explains a statement; on PostgreSQL it is carried out too, unless it inserts, and rolled back. */
export function judge(database: BenchDatabase, {sql, parameters}: {sql: string; parameters: readonly unknown[]}): Promise<Verdict> {
  return database.engine === 'sqlite' ? judgeSqlite(database, sql, parameters) : judgePostgres(database, sql, parameters);
}

async function judgeSqlite(database: BenchDatabase, sql: string, parameters: readonly unknown[]): Promise<Verdict> {
  const steps = (await database.all(`explain query plan ${sql}`, parameters)).map(({detail}) => String(detail));
  const scans: string[] = [];
  const small: string[] = [];
  for (const step of steps.filter((one) => one.startsWith('SCAN') && !/^SCAN (?:\d+ )?CONSTANT ROWS?$/.test(one))) {
    const table = /^SCAN (\w+)/.exec(step)?.[1] ?? '';
    const [row] = await database.all(`select count(*) as rows from ${table}`);
    if (Number(row?.rows) <= FEW) small.push(table);
    else scans.push(step);
  }
  return {scans, small, pages: undefined, rows: 1};
}

async function judgePostgres(database: BenchDatabase, sql: string, parameters: readonly unknown[]): Promise<Verdict> {
  await database.all('begin');
  try {
    const [row] = await database.all(`explain (${sql.startsWith("insert") ? '' : 'analyze, buffers, '}format json) ${sql}`, parameters);
    const [{Plan: plan}] = row?.['QUERY PLAN'] as [{Plan: Step}];
    const steps = stepsOf(plan);
    const whole = steps.filter((step) => step['Node Type'] === 'Seq Scan'
      || (/^Index (?:Only )?Scan/.test(step['Node Type']) && step['Index Cond'] === undefined));
    const small = whole.filter((step) => readBy(step) <= FEW);
    const thrown = steps.filter((step) => (step['Rows Removed by Filter'] ?? 0) > THROWN);
    return {
      scans: [...new Set([...whole.filter((step) => !small.includes(step)), ...thrown])].map((step) =>
        `${step['Node Type']} on ${step['Relation Name'] ?? '?'}, ${readBy(step)} rows read`),
      small: small.map((step) => step['Relation Name'] ?? ''),
      pages: plan['Shared Hit Blocks'] === undefined ? undefined : (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0),
      rows: Math.max(1, ...steps.map((step) => (step['Actual Rows'] ?? 0) * (step['Actual Loops'] ?? 1)),
        parameters.length / 4),
    };
  } finally {
    await database.all('rollback');
  }
}

function readBy(step: Step): number {
  return ((step['Actual Rows'] ?? 0) + (step['Rows Removed by Filter'] ?? 0)) * (step['Actual Loops'] ?? 1);
}

function stepsOf(plan: Step): Step[] {
  return [plan, ...(plan.Plans ?? []).flatMap(stepsOf)];
}
