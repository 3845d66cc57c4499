import {isAbsolute} from 'node:path';
import type {ZodType} from 'zod';
import {AllowedHosts} from '../../core/allowed-hosts.js';
import {normaliseAlgorithm} from '../../core/digest.js';
import {STORED_SECRET} from './secret-value.js';
import type {SettingOptions} from './setting.js';
import {z} from './zod.js';

const WEB = /^https?:$/;
const SENSITIVE = ['authorization', 'proxy-authorization', 'cookie'];
const text = z.string().min(1).max(4096);
const headerName = z.string().max(200).regex(/^[!#$%&'*+.^_`|~0-9a-z-]+$/, 'expected a lower-case name of a header');
const web = text.refine((url) => WEB.test(parsed(url)?.protocol ?? ''), 'expected an http or https URL');
const proxy = web.refine((url) => (parsed(url)?.pathname ?? '/') === '/', 'expected a URL without a path');
// A relative one would be another file in each folder, and trust what lies there.
const pathOnly = text.refine((path) => isAbsolute(path) && !path.includes('-----BEGIN ') && !path.includes('\0'),
  'expected the absolute path of a PEM file');
const algorithm = text.refine((name) => succeeds(() => normaliseAlgorithm(name)), 'expected a digest such as sha256');
const host = text.refine((name) => succeeds(() => new AllowedHosts('hosts', [name])),
  'expected a host such as mirror.example or *.mirror.example');
const secret = STORED_SECRET.nullable();

/** Where files come from and how the source is trusted: private or secret, and the protective ones fail closed. */
export const SOURCE_SETTINGS: readonly SettingOptions[] = [
  guard('proxy.url', proxy.nullable(), null, 'proxyUrl.url', 'The proxy through which everything goes; null: none'),
  guard('proxy.user', text.refine((name) => !name.includes(':'), 'expected a name without a colon').nullable(), null,
    'proxyUrl.user.name', 'The name at the proxy'),
  hide('proxy.password', secret, 'proxyUrl.user.password', 'The password at the proxy'),
  guard('proxy.bypass', z.array(text), [], 'proxyRules.no', 'Hosts that are asked without the proxy'),
  guard('tls.ca', pathOnly.nullable(), null, 'ssl.caCertificate', 'The file of authorities trusted beside the system\'s'),
  guard('tls.ca.only', z.boolean(), false, 'ssl.replaceSystemAuthorities', 'Trusts only tls.ca'),
  guard('tls.certificate', pathOnly.nullable(), null, 'ssl.clientCertificate', 'The file of the client\'s certificate'),
  hide('tls.key', secret, 'ssl.clientKey', 'The client\'s key'),
  guard('tls.verify', z.boolean(), true, 'ssl.validation', 'Verifies the source\'s certificate'),
  guard('auth.user', text.refine((name) => !name.includes(':'), 'expected a name without a colon').nullable(), null, 'user.name',
    'The name at the source'),
  hide('auth.password', secret, 'user.password', 'The password at the source'),
  hide('auth.token', secret, 'token', 'The bearer token for the source'),
  hide('headers', z.record(headerName, STORED_SECRET).nullable(), 'headers', 'Further headers, each a secret'),
  guard('headers.public', z.array(headerName.refine((name) => !SENSITIVE.includes(name))), [], 'publicHeaders',
    'Headers that any origin may get'),
  guard('hosts', z.array(host).nullable(), null, 'context.hosts', 'The only hosts that may be asked; null: any'),
  {name: 'mirrors', type: z.array(web), default: [], globalisable: false, option: 'mirrors',
    summary: 'Where the remote\'s folder is besides'},
  {name: 'digests', type: z.array(algorithm), default: ['sha256'], option: 'digests', summary: 'Digests that every download\'s facts name'},
];

function guard(name: string, type: ZodType, value: SettingOptions['default'], option: string, summary: string): SettingOptions {
  return {name, type, default: value, option, summary, protective: true};
}

function hide(name: string, type: ZodType, option: string, summary: string): SettingOptions {
  return {name, type, default: null, option, summary, exposure: 'secret'};
}

function parsed(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

function succeeds(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
