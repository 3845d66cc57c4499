/** Name → what it says. */
const COUNTERS = {
  requests: 'Requests answered, by method and status.',
  cache: 'Answers by what became of the cache.',
  sent_bytes: 'Bytes of body handed to clients.',
  source_bytes: 'Bytes of body accepted from each origin.',
  faults: 'Failed transfers and answers, by error code.',
  evictions: 'Contents removed to make room.',
} as const;

/** The name of a counter. */
export type Counter = keyof typeof COUNTERS;

/** Label values of one counter beyond this many are counted together. */
const MOST_LABELS = 1000;

/** What is counted, as Prometheus reads it. */
export class Metrics {
  readonly #counts = new Map<Counter, Map<string, number>>();

  add(counter: Counter, labels: Readonly<Record<string, string | number>> = {}, by = 1): void {
    const counts = this.#counts.get(counter) ?? new Map<string, number>();
    this.#counts.set(counter, counts);
    const wanted = labelText(labels);
    const text = counts.has(wanted) || counts.size < MOST_LABELS ? wanted : '{other="true"}';
    counts.set(text, (counts.get(text) ?? 0) + by);
  }

  /** The text format 0.0.4; `gauges` are read now. */
  text(gauges: Readonly<Record<string, number>>): string {
    const lines: string[] = [];
    for (const [name, help] of Object.entries(COUNTERS)) {
      const full = `jupiter_${name}_total`;
      lines.push(`# HELP ${full} ${help}`, `# TYPE ${full} counter`);
      for (const [labels, value] of this.#counts.get(name as Counter) ?? []) lines.push(`${full}${labels} ${value}`);
    }
    for (const [name, value] of Object.entries(gauges)) lines.push(`# TYPE jupiter_${name} gauge`, `jupiter_${name} ${value}`);
    return `${lines.join('\n')}\n`;
  }
}

function labelText(labels: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${String(value).replace(/["\\\n]/g, '_')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
