/** The TypeScript of one page that belongs together: a block and those after it that are marked `more`. */
export interface DocsScript {
  /** The page, from the root. */
  readonly page: string;
  /** The line of the page on which its first block begins, from 1. */
  readonly line: number;
  /** Marked `run`. */
  readonly runs: boolean;
  /** As many lines as the page has, so that line numbers are the page's own. */
  readonly text: string;
}

const KNOWN = new Set(['run', 'no-run', 'more']);

/**
 * Collects the blocks of a page that begin with three backticks and `ts`. After `ts` may stand `no-run` (prose: neither
 * checked nor run), `run` (also executed), `more` (goes on where the block before it ended).
 * @throws Error for any other word, and for blocks called `typescript`
 */
export function blocksOf(page: string, markdown: string): DocsScript[] {
  const lines = markdown.split('\n');
  const scripts: {line: number; runs: boolean; lines: string[]}[] = [];
  let target: string[] | undefined;
  let inside = false;
  lines.forEach((line, at) => {
    const fence = /^\s*```(.*)$/.exec(line);
    if (fence === null) {
      if (target !== undefined) target[at] = line;
    } else if (inside) {
      inside = false;
      target = undefined;
    } else {
      inside = true;
      target = begin(fence[1]?.trim() ?? '', at + 1);
    }
  });
  return scripts.map((script) => ({page, line: script.line, runs: script.runs, text: `${script.lines.join('\n')}\nexport {};\n`}));

  function begin(info: string, line: number): string[] | undefined {
    const [language, ...flags] = info.split(/\s+/);
    if (language === 'typescript') throw new Error(`${page}:${line}: call it ts`);
    if (language !== 'ts') return undefined;
    const strange = flags.find((flag) => !KNOWN.has(flag));
    if (strange !== undefined) throw new Error(`${page}:${line}: unknown mark ${strange}`);
    if (flags.includes('no-run')) return undefined;
    const last = scripts.at(-1);
    if (flags.includes('more') && last !== undefined) return last.lines;
    const fresh = {line, runs: flags.includes('run'), lines: lines.map(() => '')};
    scripts.push(fresh);
    return fresh.lines;
  }
}
