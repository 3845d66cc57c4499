import {expect} from 'chai';
import {SystemDisk} from '../../src/core/disk.js';
import {FolderSync} from '../../src/writer/folder-sync.js';

/** Syncs end when the spec says so. */
class HeldDisk extends SystemDisk {
  readonly started: string[] = [];
  readonly #ends: ((fault?: Error) => void)[] = [];

  override syncFolder(path: string): Promise<void> {
    this.started.push(path);
    return new Promise((resolve, reject) => {
      this.#ends.push((fault) => {
        if (fault === undefined) resolve();
        else reject(fault);
      });
    });
  }

  async end(fault?: Error): Promise<void> {
    this.#ends.shift()?.(fault);
    await new Promise((resolve) => { setImmediate(resolve); });
  }
}

describe('FolderSync', () => {
  const watch = (disk: HeldDisk): {sync: (name: string, folder?: string) => void; done: string[]} => {
    const folders = new FolderSync(disk);
    const done: string[] = [];
    const sync = (name: string, folder = '/a'): void => {
      folders.sync(folder).then(() => done.push(name), (fault: unknown) => done.push(`${name}: ${(fault as Error).message}`));
    };
    return {sync, done};
  };

  it('starts the first at once and lets all who come meanwhile join the next', async () => {
    const disk = new HeldDisk();
    const {sync, done} = watch(disk);
    for (const name of ['first', 'second', 'third']) sync(name);
    expect(disk.started).to.deep.equal(['/a']);
    await disk.end();
    expect(done).to.deep.equal(['first']);
    expect(disk.started.length).to.equal(2);
    sync('fourth');
    await disk.end();
    expect(done).to.deep.equal(['first', 'second', 'third']);
    expect(disk.started.length).to.equal(3);
    await disk.end();
    expect(done.at(-1)).to.equal('fourth');
    sync('fifth');
    expect(disk.started.length).to.equal(4);
    await disk.end();
  });

  it('tells a fault to those who joined that sync only', async () => {
    const disk = new HeldDisk();
    const {sync, done} = watch(disk);
    sync('first');
    sync('second');
    await disk.end(new Error('bad'));
    await disk.end();
    expect(done).to.deep.equal(['first: bad', 'second']);
  });

  it('syncs several folders side by side', async () => {
    const disk = new HeldDisk();
    const {sync, done} = watch(disk);
    sync('one', '/a');
    sync('two', '/b');
    expect(disk.started).to.deep.equal(['/a', '/b']);
    await disk.end();
    await disk.end();
    expect(done).to.deep.equal(['one', 'two']);
  });
});
