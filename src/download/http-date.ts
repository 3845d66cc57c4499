const DAY = '(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?';
const TIME = '\\d{2}:\\d{2}:\\d{2}';
const HTTP_DATE = new RegExp(`^${DAY}(?:, \\d{2}[ -][A-Z][a-z]{2}[ -](?:\\d{4}|\\d{2}) ${TIME} GMT`
  + `| [A-Z][a-z]{2} [ \\d]\\d ${TIME} \\d{4})$`);

/** Epoch ms of an HTTP date: IMF-fixdate, RFC 850 or asctime; undefined when it is none. */
export function httpDate(text: string): number | undefined {
  if (!HTTP_DATE.test(text)) return undefined;
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}
