import {createHash} from 'node:crypto';
import type {Registry} from '../registry/registry.js';
import type {Defaults, SiteDefaults} from '../site-defaults.js';
import type {DefaultNote, StoreUpkeep, UpkeepRow} from '../upkeep-contract.js';

/** Since when defaults are what they are: each cleanup notes those of the settings that have an L somewhere in the scope. */
export class DefaultHistory {
  readonly #upkeep: StoreUpkeep;
  readonly #registry: Registry;
  readonly #defaults: SiteDefaults;
  readonly #now: number;
  #scope: string | undefined;
  #current: Defaults = ({default: fallback}) => fallback;
  #known = new Map<string, DefaultNote>();
  #news = new Map<string, DefaultNote[]>();

  /** @param now Epoch ms. */
  constructor(upkeep: StoreUpkeep, registry: Registry, defaults: SiteDefaults, now: number) {
    this.#upkeep = upkeep;
    this.#registry = registry;
    this.#defaults = defaults;
    this.#now = now;
  }

  /** Since when the default is the L of a row, epoch ms; undefined: it is another one. Rows come in the order of scopes. */
  async equalSince({scope, setting: name, value}: UpkeepRow): Promise<number | undefined> {
    const setting = this.#registry.find(name);
    if (scope === undefined || setting === undefined || value === undefined) return undefined;
    if (scope !== this.#scope) await this.#enter(scope);
    const text = this.#current(setting);
    const digest = createHash('sha256').update(`${name}=${text}`).digest('base64url');
    const known = this.#known.get(name);
    const note = known?.digest === digest ? known : {setting: name, digest, since: this.#now};
    if (note !== known) {
      this.#known.set(name, note);
      this.#news.set(scope, [...this.#news.get(scope) ?? [], note]);
    }
    return value === text ? note.since : undefined;
  }

  /** Writes down what is new since. A dry run never calls it. */
  async save(): Promise<void> {
    for (const [scope, notes] of this.#news) await this.#upkeep.noteDefaults(scope, notes);
    this.#news.clear();
  }

  async #enter(scope: string): Promise<void> {
    this.#known = new Map((await this.#upkeep.defaultsOf(scope)).map((note) => [note.setting, note]));
    this.#current = this.#defaults.at(scope);
    this.#scope = scope;
  }
}
