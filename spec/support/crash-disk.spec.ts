import {expect} from 'chai';
import {choiceText} from './crash-choices.js';
import {CrashDisk} from './crash-disk.js';
import {leftBehind} from './power-cut.js';

describe('CrashDisk', () => {
  it('keeps, loses, halves and empties what was written and not synced', async () => {
    const disk = new CrashDisk({'/f': 'old'});
    const file = await disk.create('/g', 0o600);
    await disk.syncFolder('/');
    await file.write([Buffer.from('ab'), Buffer.from('cd')]);
    expect(leftBehind(disk, '/g')).to.deep.equal(['', '\0\0\0\0', 'ab', 'abcd']);
    await file.sync();
    expect(leftBehind(disk, '/g')).to.deep.equal(['abcd']);
    await file.truncate(1);
    expect(leftBehind(disk, '/g')).to.deep.equal(['a', 'abcd']);
    expect(disk.content('/g')?.toString()).to.equal('a');
    expect(leftBehind(disk, '/f')).to.deep.equal(['old']);
  });

  it('loses one write and keeps the next: room of zeros is between', async () => {
    const disk = new CrashDisk();
    const file = await disk.create('/f', 0o600);
    await disk.syncFolder('/');
    await file.write([Buffer.from('a')]);
    await file.write([Buffer.from('b')]);
    await file.write([Buffer.from('d')], 3);
    expect(disk.content('/f')?.toString('latin1')).to.equal('ab\0d');
    expect(leftBehind(disk, '/f')).to.deep.equal(['', '\0\0\0d', '\0b', '\0b\0d', 'a', 'a\0\0d', 'ab', 'ab\0d']);
  });

  it('does not keep a name because the bytes are synced, nor bytes because the name is', async () => {
    const disk = new CrashDisk();
    const file = await disk.create('/f', 0o600);
    await file.write([Buffer.from('a')]);
    await file.sync();
    expect(leftBehind(disk, '/f')).to.deep.equal(['a', undefined]);
    await disk.rename('/f', '/g');
    await disk.syncFolder('/');
    expect([leftBehind(disk, '/f'), leftBehind(disk, '/g')]).to.deep.equal([[undefined], ['a']]);
    const other = await disk.create('/h', 0o600);
    await other.write([Buffer.from('b')]);
    await disk.rename('/h', '/g');
    await disk.syncFolder('/');
    // The classic: a file without a byte.
    expect(leftBehind(disk, '/g')).to.deep.equal(['', 'b']);
  });

  it('never loses both names of a rename in a folder, and may lose both across folders', async () => {
    const states = async (to: string): Promise<string[]> => {
      const disk = new CrashDisk({'/a/f': 'f', '/b': undefined});
      await disk.rename('/a/f', to);
      return [...disk.choices(disk.steps)].map((choice) => disk.afterCrash(disk.steps, choice).list().filter((path) => !path.endsWith('/')).join()).sort();
    };
    expect(await states('/a/g')).to.deep.equal(['/a/f', '/a/f,/a/g', '/a/g']);
    expect(await states('/b/f')).to.deep.equal(['', '/a/f', '/a/f,/b/f', '/b/f']);
  });

  it('loses a file with the folder that is not there, though its own name is safe', async () => {
    const disk = new CrashDisk();
    await disk.makeFolder('/a');
    await (await disk.create('/a/f', 0o600)).sync();
    await disk.syncFolder('/a');
    expect(leftBehind(disk, '/a/f')).to.deep.equal(['', undefined]);
    await disk.syncFolder('/');
    expect(leftBehind(disk, '/a/f')).to.deep.equal(['']);
  });

  it('a sync holds for what was done before it was asked for, once it is over', async () => {
    const disk = new CrashDisk({'/a': 'a', '/b': 'b'});
    await disk.unlink('/a');
    const sync = disk.syncFolder('/');
    await disk.unlink('/b');
    expect(leftBehind(disk, '/a')).to.deep.equal(['a', undefined]);
    await sync;
    expect([leftBehind(disk, '/a'), leftBehind(disk, '/b')]).to.deep.equal([[undefined], ['b', undefined]]);
    expect(disk.log).to.deep.equal(['unlink a', 'unlink b', 'sync //']);
  });

  it('two names of a file stay one file, and a run can go on after the cut', async () => {
    const disk = new CrashDisk({'/a': 'a'});
    await disk.link('/a', '/b');
    const next = disk.afterCrash(disk.steps);
    const file = await next.open('/b', 1);
    await file.write([Buffer.from('x')]);
    expect([next.content('/a'), disk.content('/a')].map(String)).to.deep.equal(['ax', 'a']);
    await file.sync();
    expect(leftBehind(next, '/a')).to.deep.equal(['ax']);
    expect((await next.listFolder('/')).sort()).to.deep.equal(['a', 'b']);
  });

  it('looks at all states of a few changes, and of many at the extremes, at each change alone and at some by lot', async () => {
    const disk = new CrashDisk();
    const texts = (seed?: number): string[] => [...disk.choices(disk.steps, seed)].map(choiceText);
    for (let n = 1; n <= 8; n++) await disk.makeFolder(`/${n}`);
    expect(texts()).to.have.length(256);
    expect(new Set(texts()).size).to.equal(256);
    for (let n = 9; n <= 12; n++) await disk.makeFolder(`/${n}`);
    expect(texts()).to.have.length(2 * (1 + 12) + 32);
    expect(texts(5)).to.deep.equal(texts(5)).and.not.deep.equal(texts(6));
    const counts = [...disk.choices(disk.steps)].slice(0, 26).map((choice) => [...choice.values()].filter((fate) => fate === 'kept').length);
    expect(counts).to.deep.equal([12, ...Array<number>(12).fill(11), 0, ...Array<number>(12).fill(1)]);
  });

  it('fails as a file system does', async () => {
    const disk = new CrashDisk({'/a/f': 'f'});
    const code = async (work: () => Promise<unknown>): Promise<unknown> => work().catch((error: unknown) => (error as {code: unknown}).code);
    expect(await code(() => disk.create('/a/f', 0o600))).to.equal('EEXIST');
    expect(await code(() => disk.link('/a/f', '/a/f'))).to.equal('EEXIST');
    expect(await code(() => disk.makeFolder('/a'))).to.equal('EEXIST');
    expect(await code(() => disk.create('/b/f', 0o600))).to.equal('ENOENT');
    expect(await code(() => disk.create('/a/f/g', 0o600))).to.equal('ENOTDIR');
    expect(await code(() => disk.rename('/g', '/h'))).to.equal('ENOENT');
    expect(await code(() => disk.open('/g', 0))).to.equal('ENOENT');
    expect(await code(() => disk.removeFolder('/a'))).to.equal('ENOTEMPTY');
    expect(await code(() => disk.unlink('/a'))).to.equal('EISDIR');
    expect(await disk.stat('/g')).to.equal(undefined);
    expect((await disk.stat('/a/f'))?.size).to.equal(1);
  });
});
