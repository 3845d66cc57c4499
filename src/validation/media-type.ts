const WORD = "[!#$%&'+.^_`|~0-9a-z-]+";
const TYPE = new RegExp(`^${WORD}/(?:${WORD}|\\*)$`);

/** The media type of a Content-Type field (RFC 9110, 8.3.1) in lower case, without its parameters, whatever it is. */
export function mediaTypeOf(field: string): string {
  return (field.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/** Whether a text is `type/subtype` or `type/*`, in lower case. */
export function isMediaRange(text: string): boolean {
  return TYPE.test(text);
}
