import {PolicyRefused} from './errors.js';
import {misuse} from './options.js';

/** `name`, `name:port`, `*.name` (every host below it, not itself); IPv6 addresses in brackets. */
const HOST = /^(?:\*\.)?(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;

/** The hosts that downloads may ask. A host without a port stands for all its ports. */
export class AllowedHosts {
  readonly #exact = new Set<string>();
  readonly #below: string[] = [];

  /** @throws TypeError naming the option and the entry */
  constructor(option: string, hosts: readonly string[]) {
    if (!Array.isArray(hosts)) throw misuse(option, hosts, 'a list of hosts');
    for (const entry of hosts as readonly unknown[]) {
      const host = typeof entry === 'string' ? entry.toLowerCase() : '';
      if (!HOST.test(host)) throw misuse(option, entry, 'hosts such as mirror.example, mirror.example:8080 or *.mirror.example');
      if (host.startsWith('*.')) this.#below.push(host.slice(1));
      else this.#exact.add(host);
    }
  }

  /** Whether an origin may be asked. What has no host (`file:`) is no matter of this list. */
  allows(origin: string): boolean {
    const {protocol, hostname, port} = new URL(origin);
    if (hostname === '') return true;
    // A port that is the scheme's own is left out of URLs, and may be named in the list all the same.
    const named = `${hostname}:${port === '' ? OWN_PORTS[protocol] ?? '' : port}`;
    if (this.#exact.has(hostname) || this.#exact.has(named)) return true;
    return this.#below.some((entry) => hostname.endsWith(entry) || named.endsWith(entry));
  }

  /** @throws PolicyRefused when it may not be asked */
  check(origin: string, url: string): void {
    if (!this.allows(origin)) throw new PolicyRefused(`the host is not one of those allowed: ${new URL(origin).host}`, {url});
  }
}

const OWN_PORTS: Readonly<Record<string, string>> = {'http:': '80', 'https:': '443', 'ftp:': '21'};
