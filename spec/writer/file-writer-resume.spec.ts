import {readFile, rename, symlink, writeFile} from 'node:fs/promises';
import {expect} from 'chai';
import {currentOwner} from '../../src/core/process-owner.js';
import {patterned, readWriter} from '../../src/testing/index.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {BYTES, KEY, useResuming} from './resuming.js';

describe('FileWriter with resume', () => {
  const at = useResuming();

  it('leaves part and journal, and a later writer goes on after exactly these bytes', async () => {
    await at.leave();
    const {writer, partial} = await at.takeUp();
    expect(partial).to.deep.equal({offset: 2000, key: KEY});
    expect(await readWriter(writer)).to.deep.equal(BYTES.subarray(0, 2000));
    await writer.open(at.meta(2000));
    await writer.append(BYTES.subarray(2000));
    await writer.close();
    expect([await at.folder.read('f'), await at.folder.list()]).to.deep.equal([BYTES, ['f']]);
  });

  it('removes everything when the bytes are not worth keeping', async () => {
    for (const keep of [false, undefined]) {
      const writer = await at.begin();
      await writer.append(BYTES);
      await writer.discard({keep});
      expect(await at.folder.list()).to.deep.equal([]);
    }
  });

  it('leaves what an earlier run left when this one came to nothing before it used it', async () => {
    await at.leave();
    for (const keep of [true, false, undefined]) {
      const {writer, partial} = await at.takeUp();
      expect(partial?.offset, `before keep ${keep}`).to.equal(2000);
      await writer.discard({keep});
    }
    expect((await at.takeUp()).partial?.offset).to.equal(2000);
  });

  it('writes down every 5 s and every 64 MiB how far the bytes are on the medium, and never more', async () => {
    const writer = await at.begin();
    await writer.append(BYTES.subarray(0, 1000));
    expect(await at.journals()).to.deep.equal([]);
    await at.clock.advance(5000);
    await writer.append(BYTES.subarray(1000, 3000));
    await writer.append(BYTES.subarray(3000));
    const [name = ''] = await at.journals();
    const entry = JSON.parse(await readFile(at.folder.join(name), 'utf8')) as Record<string, unknown>;
    expect(entry).to.deep.include({jupiter: 1, offset: 3000, url: 'http://h.example/f', key: KEY, owner: currentOwner()});
    expect((await at.folder.read(String(entry.part))).subarray(0, 3000)).to.deep.equal(BYTES.subarray(0, 3000));
    await writer.close();
    expect(await at.folder.list()).to.deep.equal(['f']);
  });

  it('leaves the bytes of a process that still runs alone, and keeps no journal beside its', async () => {
    const running = await at.begin();
    await at.clock.advance(5000);
    await running.append(BYTES.subarray(0, 1000));
    const {writer, partial} = await at.takeUp();
    expect(partial).to.equal(undefined);
    await writer.open(at.meta(0));
    await writer.append(BYTES);
    await writer.discard({keep: true});
    expect(await at.parts()).to.have.length(1);
    await running.append(BYTES.subarray(1000));
    await running.close();
    expect([await at.folder.read('f'), await at.folder.list()]).to.deep.equal([BYTES, ['f']]);
  });

  it('copies the bytes of a process that it cannot see, appends nothing to them, and takes its journal away', async () => {
    const {part} = await at.leaveElsewhere();
    const {writer} = await at.takeUp();
    expect(await readWriter(writer)).to.have.length(2000);
    await writer.open(at.meta(2000));
    expect(await at.journals()).to.deep.equal([]);
    await writer.append(BYTES.subarray(2000));
    await writer.close();
    expect([await at.folder.read('f'), await at.folder.read(part)]).to.deep.equal([BYTES, BYTES.subarray(0, 2000)]);
    expect(await at.journals()).to.deep.equal([]);
  });

  it('gives such a process its journal back, as it was, when its bytes were of no use', async () => {
    const {name, part, text} = await at.leaveElsewhere();
    const untouched = async (): Promise<void> => {
      expect(await at.journals()).to.deep.equal([name]);
      expect([(await at.folder.read(name)).toString(), await at.folder.read(part)]).to.deep.equal([text, BYTES.subarray(0, 2000)]);
    };
    for (const keep of [true, false]) {
      await (await at.takeUp()).writer.discard({keep});
      await untouched();
    }
    const writer = await at.begin();
    await untouched();
    await writer.append(BYTES);
    await writer.close();
    await untouched();
  });

  it('offers nothing for another address, another target, or bytes that are gone', async () => {
    await at.leave();
    expect((await at.takeUp('http://h.example/other')).partial).to.equal(undefined);
    const [part = ''] = await at.parts();
    await rename(at.folder.join(part), at.folder.join('elsewhere'));
    expect((await at.takeUp()).partial).to.equal(undefined);
    expect(await at.journals()).to.deep.equal([]);
  });

  it('follows no link: neither one in place of the part nor one in place of the journal', async () => {
    await at.leave();
    const [part = ''] = await at.parts();
    const secret = await at.folder.write('secret', BYTES);
    await rename(at.folder.join(part), at.folder.join('kept'));
    await symlink(secret, at.folder.join(part));
    expect((await at.takeUp()).partial).to.equal(undefined);
    expect(await at.folder.read('secret')).to.deep.equal(BYTES);
    await at.leave();
    const [name = ''] = await at.journals();
    await rename(at.folder.join(name), at.folder.join('moved'));
    await symlink(at.folder.join('moved'), at.folder.join(name));
    expect((await at.takeUp()).partial).to.equal(undefined);
  });

  it('believes no journal that names a file of another kind or place', async () => {
    await at.leave();
    const [name = ''] = await at.journals();
    const entry = JSON.parse(await readFile(at.folder.join(name), 'utf8')) as object;
    for (const wrong of [{part: '../f'}, {part: 'f'}, {offset: -1}, {offset: 1e9}, {prefix: 'x'}, {jupiter: 2}, {key: null}, {owner: null}, {owner: 7},
      {key: {...KEY, etag: '"a"\nX: y'}}, {key: {...KEY, total: 'abc'}}, {key: ['a']}]) {
      await writeFile(at.folder.join(name), JSON.stringify({...entry, ...wrong}));
      expect((await at.takeUp()).partial, JSON.stringify(wrong)).to.equal(undefined);
    }
  });

  it('begins a new part when the source begins again, so that the journal never vouches for mixed bytes', async () => {
    const writer = await at.begin();
    await at.clock.advance(5000);
    await writer.append(BYTES.subarray(0, 1000));
    const before = await at.parts();
    await writer.rewind(0, at.meta(0));
    await writer.append(patterned(5000, 9));
    // A kill at this moment leaves the old journal: the part that it names is not there any more.
    expect((await at.parts()).filter((name) => before.includes(name))).to.deep.equal([]);
    await writer.discard({keep: false});
    expect(await at.folder.list()).to.deep.equal([]);
  });

  it('takes the option for true or false only', () => {
    expect(() => new FileWriter(at.folder.join('f'), {resume: 'yes' as never})).to.throw(TypeError, 'resume: expected true or false, got "yes"');
    expect([new FileWriter('/f').abilities.resume, new FileWriter('/f', {resume: true}).abilities.resume]).to.deep.equal([false, true]);
  });
});
