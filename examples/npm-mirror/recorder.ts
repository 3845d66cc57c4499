import {Catalogue, PublishDelegate, type PublishedFile} from 'jupiter-download/catalogue';
import type {LockedPackage} from './lockfile.js';
import {pathOf} from './mirror.js';

/** Records each tarball in a catalogue: the release is the lockfile's project, each package is a part of it. */
export class Recorder implements AsyncDisposable {
  /** Publishes what it is attached to. */
  readonly delegate: PublishDelegate;
  readonly #catalogue: Catalogue;
  readonly #release: string;

  private constructor(catalogue: Catalogue, release: string) {
    this.#catalogue = catalogue;
    this.#release = release;
    this.delegate = new PublishDelegate({
      catalogue, release, actor: 'npm-mirror', kept: true, hashFunction: 'sha512', create: {product: 'npm-mirror', hashFunction: 'sha512'},
      path: (file) => `/${packageOf(file).name.replaceAll('/', '~1')}`, key: (file) => pathOf(packageOf(file)),
    });
  }

  /** @param file made when it is missing @throws CatalogueError */
  static async open(file: string, release: string): Promise<Recorder> {
    return new Recorder(await Catalogue.open(file), release);
  }

  /** What the release has by now, on one line. */
  async summary(): Promise<string> {
    const heads = await this.#catalogue.list({product: 'npm-mirror', limit: 1000});
    const head = heads.find(({name}) => name === this.#release);
    return head === undefined ? `release ${this.#release}: nothing was published` : `release ${head.name}, version ${head.version}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#catalogue.close();
  }
}

function packageOf({download}: PublishedFile): LockedPackage {
  return download.attachment as LockedPackage;
}
