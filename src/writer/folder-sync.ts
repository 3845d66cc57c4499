import type {Disk} from '../core/disk.js';

interface Round {
  readonly running: Promise<void>;
  next: Promise<void> | undefined;
}

/**
 * Puts the names in folders on the medium, many callers at a time: whoever comes while a folder is being synced joins
 * the next sync of it, which starts after that one, so it includes the caller's rename. One sync a folder at a time, no
 * timers. A sync that fails is told to all who joined it.
 */
export class FolderSync {
  readonly #disk: Disk;
  readonly #rounds = new Map<string, Round>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Resolves when everything that was renamed into the folder before this call is on the medium. */
  sync(folder: string): Promise<void> {
    const round = this.#rounds.get(folder);
    if (round === undefined) return this.#start(folder);
    round.next ??= round.running.then(() => this.#start(folder), () => this.#start(folder));
    return round.next;
  }

  #start(folder: string): Promise<void> {
    const running = this.#disk.syncFolder(folder);
    const round: Round = {running, next: undefined};
    this.#rounds.set(folder, round);
    const end = (): void => { if (round.next === undefined) this.#rounds.delete(folder); };
    running.then(end, end);
    return running;
  }
}
