/** One request as it came over the wire. */
export interface ParsedRequest {
  readonly method: string;
  /** The request target as sent: a path with its query, or a whole URL when a proxy is asked. */
  readonly path: string;
  readonly version: string;
  /** Names in lower case; a header that came several times is joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly (readonly [string, string])[];
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** Cuts a stream of bytes into HTTP/1 requests; bodies are understood by Content-Length only, and dropped. */
export class RequestParser {
  #buffer = Buffer.alloc(0);
  #skip = 0;

  /** Takes bytes and gives back every request whose head is complete. @throws Error when it isn't HTTP */
  feed(chunk: Buffer): ParsedRequest[] {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    const requests: ParsedRequest[] = [];
    for (;;) {
      const skipped = Math.min(this.#skip, this.#buffer.length);
      this.#buffer = this.#buffer.subarray(skipped);
      this.#skip -= skipped;
      const end = this.#buffer.indexOf(END_OF_HEAD);
      if (this.#skip > 0 || end < 0) return requests;
      const request = parseHead(this.#buffer.toString('latin1', 0, end));
      this.#buffer = this.#buffer.subarray(end + END_OF_HEAD.length);
      this.#skip = Number(request.headers['content-length'] ?? 0);
      requests.push(request);
    }
  }
}

function parseHead(head: string): ParsedRequest {
  const [first = '', ...lines] = head.split('\r\n');
  const match = /^([A-Z]+) (\S+) HTTP\/(1\.[01])$/.exec(first);
  if (match === null) throw new Error(`not a request line: ${first}`);
  const [, method = '', path = '', version = ''] = match;
  const rawHeaders = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error(`not a header line: ${line}`);
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const headers: Record<string, string> = {};
  for (const [name, value] of rawHeaders) {
    const key = name.toLowerCase();
    const before = headers[key];
    headers[key] = before === undefined ? value : `${before}, ${value}`;
  }
  return {method, path, version, headers, rawHeaders};
}
