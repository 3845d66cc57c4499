import {BlockList, isIP, isIPv6} from 'node:net';
import {misuse, onlyKeys} from '../core/options.js';
import {Proxy} from '../core/settings.js';

/** Which proxy is for which address. */
export interface ProxyRulesOptions {
  /** For http addresses. */
  http?: string | undefined;
  /** For https addresses. */
  https?: string | undefined;
  /** For those that have none of their own. */
  all?: string | undefined;
  /**
   * Hosts that are asked directly, separated by commas or spaces: `*`; a name, which stands for its subdomains too, with
   * or without a dot in front; an IP address; a range of them (`10.0.0.0/8`); each may end in `:port`.
   */
  no?: string | undefined;
}

interface Exception {
  readonly port: string | undefined;
  matches(host: string): boolean;
}

/** Says for an address which proxy is asked, if any, by the rules of the variables http_proxy, https_proxy, all_proxy, no_proxy. */
export class ProxyRules {
  readonly #proxies: ReadonlyMap<string, Proxy>;
  readonly #fallback: Proxy | undefined;
  readonly #exceptions: readonly Exception[];

  /** @throws TypeError naming the option: a bad address, another scheme than http or https */
  constructor(options: ProxyRulesOptions = {}) {
    onlyKeys('proxy', options, ['http', 'https', 'all', 'no']);
    const {http, https, all, no} = options;
    this.#fallback = all === undefined ? undefined : proxyOf('proxy.all', all);
    this.#proxies = new Map([
      ...http === undefined ? [] : [['http:', proxyOf('proxy.http', http)] as const],
      ...https === undefined ? [] : [['https:', proxyOf('proxy.https', https)] as const],
    ]);
    this.#exceptions = (no ?? '').split(/[\s,]+/).filter((word) => word !== '').map(exceptionOf);
  }

  /** The proxy for a URL; undefined: it is asked directly. @throws TypeError when it is no URL */
  for(address: string | URL): Proxy | undefined {
    if (!URL.canParse(String(address))) throw misuse('url', String(address), 'an absolute URL');
    const url = new URL(address);
    const proxy = this.#proxies.get(url.protocol) ?? this.#fallback;
    if (proxy === undefined) return undefined;
    const host = plainHost(url.hostname);
    const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
    const direct = this.#exceptions.some((exception) => (exception.port ?? port) === port && exception.matches(host));
    return direct ? undefined : proxy;
  }
}

/** Variables often name the host and port alone. */
function proxyOf(option: string, value: string): Proxy {
  try {
    return new Proxy(value.includes('://') ? value : `http://${value}`);
  } catch (error) {
    throw new TypeError((error as Error).message.replace(/^proxyUrl/, option), {cause: error});
  }
}

function exceptionOf(word: string): Exception {
  const [, bracketed, bracketPort] = /^\[([^\]]+)\](?::(\d+))?$/.exec(word) ?? [];
  const [, name = word, namePort] = bracketed === undefined && !isIPv6(word) ? /^([^:/]+):(\d+)$/.exec(word) ?? [] : [];
  const host = plainHost(bracketed ?? name);
  return {port: bracketPort ?? namePort, matches: matcherOf(host)};
}

function matcherOf(host: string): (asked: string) => boolean {
  if (host === '*') return () => true;
  const [network = '', bits] = host.split('/', 2);
  const kind = isIP(network);
  if (kind === 0) {
    const suffix = host.replace(/^\*?\./, '');
    return (asked) => asked === suffix || asked.endsWith(`.${suffix}`);
  }
  const family = kind === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  const width = bits === undefined ? (kind === 6 ? 128 : 32) : Number(bits);
  if (bits === '' || !Number.isInteger(width) || width < 0 || width > (kind === 6 ? 128 : 32)) return () => false;
  list.addSubnet(network, width, family);
  return (asked) => isIP(asked) !== 0 && list.check(asked, isIPv6(asked) ? 'ipv6' : 'ipv4');
}

function plainHost(host: string): string {
  return host.replace(/^\[|\]$/g, '').replace(/\.$/, '').toLowerCase();
}
