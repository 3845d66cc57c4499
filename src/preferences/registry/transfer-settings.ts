import type {ZodNumber} from 'zod';
import type {SettingOptions} from './setting.js';
import {z} from './zod.js';

const LONGEST = 2 ** 31 - 1;
const MOST = Number.MAX_SAFE_INTEGER;
const count = (least: number, most: number): ZodNumber => z.number().int().min(least).max(most);
const ms = count(0, LONGEST);
const rate = count(0, MOST);

/** How a download is tried, bounded and written: all public, none protective. */
export const TRANSFER_SETTINGS: readonly SettingOptions[] = ([
  ['timeout.connect', ms, 30_000, 'timeout.connect', 'DNS, TCP, TLS and the proxy\'s part, ms; 0: no limit'],
  ['timeout.headers', ms, 30_000, 'timeout.headers', 'From the request to the end of the headers, ms; 0: no limit'],
  ['timeout.read', ms, 30_000, 'timeout.read', 'The longest silence inside a body, ms; 0: no limit'],
  ['timeout.deadline', ms, 0, 'timeout.deadline', 'For the whole run, ms; 0: no limit'],
  ['timeout.slow.rate', rate, 1024, 'timeout.lowSpeed', 'The least rate, bytes a second; 0: no limit'],
  ['timeout.slow.time', count(1, LONGEST), 30_000, 'timeout.lowSpeedTime', 'Over which the least rate is measured, ms'],
  ['retry.count', count(0, 1000), 4, 'retries', 'Charged repairs'],
  ['retry.base', ms, 1000, 'retry.base', 'The first pause is a random one up to this, the next up to twice this …, ms'],
  ['retry.cap', ms, 30_000, 'retry.cap', 'No pause is longer, ms'],
  ['retry.patience', ms, 120_000, 'retry.maxRetryAfter', 'A server that asks for a longer pause fails the download, ms'],
  ['redirects', count(0, 100), 10, 'maxRedirects', 'Redirects that are followed'],
  ['size.max', rate.nullable(), null, 'maxBytes', 'More bytes are refused; null: no limit'],
  ['bandwidth', rate, 0, 'bandwidth', 'Of each download, bytes a second; 0: no limit'],
  ['limits.total', count(1, 10_000), 8, 'limits.total', 'Transfers at once'],
  ['limits.origin', count(1, 10_000), 6, 'limits.perOrigin', 'Transfers at once to one origin'],
  ['limits.requests', z.number().min(0).max(1_000_000), 0, 'limits.requestsPerSecond',
    'Transfers begun in a second at one origin; 0: no limit'],
  ['limits.bandwidth', rate, 0, 'limits.bandwidth', 'Over everything together, bytes a second; 0: no limit'],
  ['limits.wait', ms, 120_000, 'limits.maxWait', 'The longest that an origin which asked for patience is waited for, ms'],
  ['limits.outage.time', ms, 120_000, 'limits.maxOutage', 'How long an origin may be silent before those who wait fail, ms'],
  ['limits.outage.faults', count(0, 10_000), 5, 'limits.outageFaults', 'Transfers in a row without a reply that make it silent; 0: never'],
  ['batch.backlog', count(1, 100_000), 16, 'batch.backlog', 'Downloads of a batch alive at once'],
  ['batch.concurrency', count(1, 10_000).nullable(), null, 'batch.concurrency',
    'Downloads of a batch running at once; null: as many as alive'],
  ['segments', count(1, 64), 4, 'segments', 'Parts of one file fetched at once, where segments are asked for'],
  ['file.exists', z.enum(['replace', 'skip', 'skip-if-same', 'rename', 'error']), 'replace', 'writer.exists',
    'What is done when the target exists'],
  ['file.durability', z.enum(['none', 'file', 'full']), 'full', 'writer.durability',
    'What a finished file survives: nothing, a crash, a power cut'],
  ['file.resume', z.boolean(), false, 'writer.resume', 'Goes on with what an earlier run left'],
  ['file.mode', count(0, 0o777), 0o666, 'writer.mode', 'Permission bits of the file, before the umask'],
  ['accept.unframed', z.boolean(), false, 'allowCloseFramed', 'Accepts a body whose end is the connection\'s'],
  ['accept.encoded', z.boolean(), false, 'allowEncoded', 'Accepts a body with a Content-Encoding, as it came'],
] as const).map(([name, type, value, option, summary]) => ({name, type, default: value, option, summary, exposure: 'public'}));
