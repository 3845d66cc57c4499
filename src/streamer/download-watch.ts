import type {AttemptRecord} from '../core/contract.js';
import {PolicyRefused} from '../core/errors.js';
import {Event} from '../core/event.js';
import {originOf} from '../core/url.js';
import type {Download} from '../download/download.js';
import type {Metrics} from './metrics.js';

/** Sees every download of a streamer: counts it, and keeps it to the hosts that it may ask. */
export class DownloadWatch {
  readonly #metrics: Metrics;
  readonly #hosts: ReadonlySet<string> | undefined;

  /** `hosts`: `name` or `name:port`; undefined: any. */
  constructor(metrics: Metrics, hosts: readonly string[] | undefined) {
    this.#metrics = metrics;
    this.#hosts = hosts && new Set(hosts.map((host) => host.toLowerCase()));
  }

  /** To be called before the download runs. */
  attach(download: Download): void {
    download.register(Event.SENT, ({url}) => { this.#check(url); });
    download.register(Event.REPLIED, ({reply}) => { for (const {url} of reply.hops) this.#check(url); });
    const count = ({attempts}: {readonly attempts: readonly AttemptRecord[]}): void => {
      for (const {url, bytes} of attempts) if (bytes > 0) this.#metrics.add('source_bytes', {origin: originOf(url)}, bytes);
    };
    download.register(Event.SUCCEEDED, count, {observe: true});
    download.register(Event.FAILED, (event) => {
      count(event);
      this.#metrics.add('faults', {code: event.error.code});
    }, {observe: true});
  }

  /** @throws PolicyRefused */
  #check(url: string): void {
    if (this.#hosts === undefined) return;
    const {host, hostname} = new URL(url);
    if (this.#hosts.has(host) || this.#hosts.has(hostname)) return;
    throw new PolicyRefused(`the host is not one of those allowed: ${host}`, {url});
  }
}
