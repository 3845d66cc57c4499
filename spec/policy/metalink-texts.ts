/** A Metalink 4 document around these file elements. */
export function metalinkOf(...files: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<metalink xmlns="urn:ietf:params:xml:ns:metalink">${files.join('')}</metalink>`;
}

/** A file element around these elements. */
export function fileElement(name: string, ...elements: readonly string[]): string {
  return `<file name="${escape(name)}">${elements.join('\n')}</file>`;
}

/** An address element. */
export function urlElement(url: string, priority?: number, location?: string): string {
  const [rank, place] = [priority === undefined ? '' : ` priority="${priority}"`, location === undefined ? '' : ` location="${location}"`];
  return `<url${rank}${place}>${escape(url)}</url>`;
}

/** A hash element. */
export function hashElement(type: string, hex: string): string {
  return `<hash type="${type}">${hex}</hash>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
