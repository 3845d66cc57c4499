import {
  Event, HttpDownload, MIRRORS, type BufferWriter, type Delegate, type DownloadView, type ErrorEvent, type Registry, type Source,
} from 'jupiter-download';

/* The two examples of the 2017 page, as a reader of the page would write them with this API. */

/** One address a line. */
export function parse(text: string): readonly Source[] {
  return text.split('\n').filter((line) => line !== '').map((url) => ({url}));
}

/** By subclass: its url is that of the mirror list; the list has the addresses of the file. */
export class MirrorDownload extends HttpDownload {
  #mirrors: Iterator<Source> = [].values();

  protected override async prepare(): Promise<void> {
    const mirrors = await this.context!.once(MIRRORS.of(this.url), async (signal) => {
      const download = this.clone();
      await download.run(signal);
      return parse(download.writer.text());
    });
    this.#mirrors = mirrors.values();
    this.retries = mirrors.length;
    this.url = this.#next() ?? '';
  }

  protected override onError(event: ErrorEvent): void {
    const next = this.#next();
    if (next === undefined) return;
    this.url = next;
    event.repaired = true;
  }

  #next(): string | undefined {
    return (this.#mirrors.next().value as Source | undefined)?.url;
  }
}

/** By delegate: any download, whatever its class. */
export class PageMirrorDelegate implements Delegate {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  attach(download: DownloadView & Registry): void {
    let mirrors: Iterator<Source> = [].values();
    const next = (): string | undefined => (mirrors.next().value as Source | undefined)?.url;
    download.register(Event.PREPARED, async () => {
      const list = await download.context!.once(MIRRORS.of(this.#url), async (signal) => {
        const clone = download.clone();
        clone.url = this.#url;
        await clone.run(signal);
        return parse((clone.writer as BufferWriter).text());
      });
      mirrors = list.values();
      download.retries = list.length;
      download.url = next() ?? '';
    });
    download.register(Event.ERROR, (event) => {
      const url = next();
      if (url === undefined) return;
      event.download.url = url;
      event.repaired = true;
    });
  }
}
