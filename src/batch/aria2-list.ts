import {normaliseAlgorithm, parseDigest, type NamedDigest} from '../core/digest.js';
import {misuse} from '../core/options.js';
import {entryOf, type ListEntry, type ListItem, type ListLine} from './list-item.js';

/** Options of aria2 that say how it works, not what it fetches; they are passed over. */
const TUNING = new Set(['allow-overwrite', 'always-resume', 'auto-file-renaming', 'check-integrity', 'conditional-get',
  'connect-timeout', 'continue', 'dry-run', 'file-allocation', 'force-save', 'gid', 'lowest-speed-limit', 'max-connection-per-server',
  'max-download-limit', 'max-tries', 'min-split-size', 'no-file-allocation-limit', 'pause', 'piece-length', 'realtime-chunk-checksum',
  'remote-time', 'retry-wait', 'split', 'stream-piece-selector', 'timeout', 'uri-selector']);

const KNOWN = ['out', 'dir', 'checksum', 'header', 'referer', 'user-agent', 'http-user', 'http-passwd'];

interface Group {
  readonly line: number;
  readonly urls: readonly string[];
  readonly options: ListLine[];
}

/**
 * Reads aria2's input format: a line of addresses of one file, separated by tabs, then lines that begin with a space or
 * tab and set an option: `out`, `dir`, `checksum=sha-256=<hex>`, `header` (repeatable), `referer`, `user-agent`,
 * `http-user` and `http-passwd`. Blank lines and lines beginning with `#` don't count. Options that only tune aria2 are
 * passed over, others are refused by name. A plain list of addresses is such a file too.
 */
export async function *readAria2(lines: AsyncIterable<ListLine>): AsyncGenerator<ListEntry> {
  let group: Group | undefined;
  for await (const line of lines) {
    const text = line.text.trim();
    if (text === '' || line.text.startsWith('#')) continue;
    if (/^[ \t]/.test(line.text)) {
      if (group === undefined) yield entryOf(line.number, () => { throw misuse('option', text, 'an address before the first option'); });
      else group.options.push({number: line.number, text});
      continue;
    }
    if (group !== undefined) yield entryOfGroup(group);
    group = {line: line.number, urls: text.split('\t').map((url) => url.trim()).filter((url) => url !== ''), options: []};
  }
  if (group !== undefined) yield entryOfGroup(group);
}

function entryOfGroup({line, urls, options}: Group): ListEntry {
  let at = line;
  const entry = entryOf(line, () => {
    const [url = '', ...mirrors] = urls;
    let item: ListItem = {url, mirrors};
    for (const option of options) {
      at = option.number;
      item = apply(item, option.text);
    }
    return item;
  });
  return entry.fault === undefined || at === line ? entry
    : {line, fault: new TypeError(entry.fault.message.replace(/^line \d+/, `line ${at}`))};
}

function apply(item: ListItem, option: string): ListItem {
  const equals = option.indexOf('=');
  const key = equals < 0 ? option : option.slice(0, equals).trim();
  const value = equals < 0 ? '' : option.slice(equals + 1).trim();
  if (TUNING.has(key)) return item;
  if (equals < 0) throw misuse('option', option, 'name=value');
  switch (key) {
    case 'out': return {...item, name: value};
    case 'dir': return {...item, folder: value};
    case 'checksum': return {...item, digests: [...item.digests ?? [], checksum(value)]};
    case 'header': return withHeader(item, ...headerOf(value));
    case 'referer': return withHeader(item, 'referer', value);
    case 'user-agent': return withHeader(item, 'user-agent', value);
    case 'http-user': return {...item, user: {name: value, password: item.user?.password}};
    case 'http-passwd': return {...item, user: {name: item.user?.name ?? '', password: value}};
    default: throw new TypeError(`unknown option '${key}', expected one of ${KNOWN.join(', ')}`);
  }
}

function checksum(value: string): NamedDigest {
  const equals = value.indexOf('=');
  if (equals < 1) throw misuse('checksum', value, '<algorithm>=<digest>, such as sha-256=<hex>');
  const algorithm = normaliseAlgorithm(value.slice(0, equals));
  return {algorithm, hex: parseDigest(algorithm, value.slice(equals + 1))};
}

/** The value isn't shown: it may be a secret. */
function headerOf(text: string): [name: string, value: string] {
  const colon = text.indexOf(':');
  if (colon < 1) throw new TypeError('header: expected `Name: value`, got a text without a name and a colon');
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
}

function withHeader(item: ListItem, name: string, value: string): ListItem {
  const key = name.toLowerCase();
  const before = item.headers?.[key];
  return {...item, headers: {...item.headers, [key]: before === undefined ? value : `${before}, ${value}`}};
}
