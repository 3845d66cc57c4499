/** What a Content-Range says (RFC 9110, 14.4); `end` is included. Without `start` and `end` it is that of a 416. */
export interface ContentRange {
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  /** Bytes of the whole; undefined for a star. */
  readonly total?: number | undefined;
}

/**
 * Reads a Content-Range: `bytes 0-9/10`, the same with a star for the total, or that of a 416 with a star for the range.
 * Undefined for anything else, contradicting numbers included.
 */
export function parseContentRange(text: string | undefined): ContentRange | undefined {
  const [, start, end, total] = /^bytes[ \t]+(?:(\d{1,16})-(\d{1,16})|\*)\/(\d{1,16}|\*)$/i.exec(text?.trim() ?? '') ?? [];
  if (total === undefined) return undefined;
  const range = {start: numberOf(start), end: numberOf(end), total: numberOf(total)};
  if (range.start === undefined || range.end === undefined) return range.total === undefined ? undefined : range;
  return range.end >= range.start && (range.total === undefined || range.end < range.total) ? range : undefined;
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || text === '*' ? undefined : Number(text);
}
