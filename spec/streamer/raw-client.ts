import {connect} from 'node:net';

/** One reply as it came over the wire. */
export interface RawReply {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** What came back on a connection. */
export interface RawEnd {
  readonly replies: readonly RawReply[];
  /** Why the bytes are not a row of whole replies; undefined when they are. */
  readonly fault: string | undefined;
  /** How the connection ended; `open`: it was left after `patience`. */
  readonly end: 'closed' | 'reset' | 'open';
}

/** Writes bytes to a connection as they are, and takes what comes until it is closed, or has been silent for `patience` ms. */
export async function rawRequest(port: number, bytes: string | Buffer, patience = 10_000): Promise<RawEnd> {
  const socket = connect({port, host: '127.0.0.1'});
  const chunks: Buffer[] = [];
  const end = await new Promise<RawEnd['end']>((resolve) => {
    socket.setTimeout(patience, () => { resolve('open'); });
    socket.on('data', (chunk: Buffer) => { chunks.push(chunk); });
    socket.on('error', () => { resolve('reset'); });
    socket.on('close', () => { resolve('closed'); });
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  });
  socket.destroy();
  return {...readReplies(Buffer.concat(chunks), bytes.toString('latin1', 0, 4) === 'HEAD'), end};
}

/** Cuts bytes into replies as strictly as RFC 9112 has it. `headOnly`: the first one has no body, since it answers HEAD. */
export function readReplies(bytes: Buffer, headOnly = false): Pick<RawEnd, 'replies' | 'fault'> {
  const replies: RawReply[] = [];
  let rest = bytes;
  try {
    while (rest.length > 0) {
      const [reply, left] = readReply(rest, headOnly && replies.length === 0);
      if (reply.status >= 200) replies.push(reply);
      rest = left;
    }
    return {replies, fault: undefined};
  } catch (error) {
    return {replies, fault: String(error)};
  }
}

function readReply(bytes: Buffer, headOnly: boolean): [RawReply, Buffer] {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) throw new Error(`no end of a head: ${bytes.toString('latin1', 0, 80)}`);
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const [, code] = /^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/.exec(first) ?? [];
  if (code === undefined) throw new Error(`no status line: ${first.slice(0, 80)}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\t\x20-\x7e]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`no header line: ${line.slice(0, 80)}`);
    if (headers.has(name.toLowerCase())) throw new Error(`twice: ${line}`);
    headers.set(name.toLowerCase(), value.trim());
  }
  const status = Number(code);
  const rest = bytes.subarray(end + 4);
  const isBodiless = headOnly || status < 200 || status === 204 || status === 304;
  const [body, left] = isBodiless ? [Buffer.alloc(0), rest] : readBody(rest, headers);
  return [{status, headers, body}, left];
}

function readBody(bytes: Buffer, headers: ReadonlyMap<string, string>): [Buffer, Buffer] {
  const length = headers.get('content-length');
  if (headers.has('transfer-encoding')) {
    if (length !== undefined) throw new Error('both a length and chunks');
    return readChunks(bytes);
  }
  // The end of the connection is the end of the body.
  if (length === undefined) return [bytes, Buffer.alloc(0)];
  if (bytes.length < Number(length)) throw new Error(`${bytes.length} of ${length} bytes`);
  return [bytes.subarray(0, Number(length)), bytes.subarray(Number(length))];
}

function readChunks(bytes: Buffer): [Buffer, Buffer] {
  const chunks: Buffer[] = [];
  for (let at = 0;;) {
    const line = bytes.indexOf('\r\n', at);
    const [, hex] = /^([0-9a-f]+)$/i.exec(line < 0 ? '' : bytes.toString('latin1', at, line)) ?? [];
    if (hex === undefined) throw new Error('no size of a chunk');
    const [start, size] = [line + 2, Number.parseInt(hex, 16)];
    if (bytes.toString('latin1', start + size, start + size + 2) !== '\r\n') throw new Error('no end of a chunk');
    at = start + size + 2;
    if (size === 0) return [Buffer.concat(chunks), bytes.subarray(at)];
    chunks.push(bytes.subarray(start, start + size));
  }
}
