import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import {Interrupted} from '../../src/core/errors.js';
import {FaultyDisk} from '../../src/testing/faulty-disk.js';
import {CrashDisk} from '../support/crash-disk.js';
import {findBroken, type Promised} from '../support/power-cut.js';
import {chunksOf, diskWith, fetchOnto, LARGE, OLD, SMALL} from './power-cut.js';

describe('a power cut', () => {
  for (const [size, body] of [['small', SMALL], ['large', LARGE]] as const) {
    const whole = (path: string, from: number, before?: Buffer): Promised => ({path, any: [before, body], end: {from, content: body}});

    it(`leaves a file in folders that the run made, as soon as it succeeded (a ${size} body)`, async () => {
      for (const exists of ['replace', 'error'] as const) {
        const disk = diskWith();
        const {steps} = await fetchOnto(disk, {path: '/d/a/b/c/f', body, exists});
        const {broken, states} = findBroken(disk, [whole('/d/a/b/c/f', steps)]);
        expect(broken).to.deep.equal([]);
        expect(states).to.be.above(100);
      }
    });

    it(`shows no mixture when the part is copied from another file system (a ${size} body)`, async () => {
      for (const exists of ['replace', 'rename'] as const) {
        const disk = diskWith(OLD);
        const call = exists === 'replace' ? 'rename' : 'link';
        const through = new FaultyDisk(disk).fail(call, {code: 'EXDEV', at: 1});
        const {result, steps} = await fetchOnto(disk, {body, exists, through});
        expect(through.log.filter((line) => line.startsWith('create'))).to.have.length(2);
        expect(findBroken(disk, [whole(result?.path ?? '', steps, exists === 'replace' ? OLD : undefined)]).broken).to.deep.equal([]);
      }
    });

    it(`shows no mixture when a second attempt was needed (a ${size} body)`, async () => {
      const cut = chunksOf(body).slice(0, -1);
      const disk = diskWith(OLD);
      const fault = new Interrupted('cut', body.length, 0);
      const script = [{chunks: [...cut, fault], length: body.length}, chunksOf(body)];
      const {result, steps} = await fetchOnto(disk, {body, script, context: new Context({random: () => 0})});
      expect(result?.attempts).to.have.length(2);
      expect(findBroken(disk, [whole('/d/f', steps, OLD)]).broken).to.deep.equal([]);
    });

    it(`never touches the old file when the bytes are not the right ones (a ${size} body)`, async () => {
      const disk = diskWith(OLD);
      const {error} = await fetchOnto(disk, {body, script: [chunksOf(Buffer.concat([body.subarray(1), Buffer.from('x')]))]});
      expect(error?.code).to.equal('DIGEST_MISMATCH');
      expect(findBroken(disk, [{path: '/d/f', any: [OLD]}]).broken).to.deep.equal([]);
      expect(disk.list()).to.deep.equal(['/d/', '/d/f', '/d/other']);
    });
  }

  it('leaves each of many files that finish together, from its own end on', async () => {
    const disk = diskWith();
    const context = new Context();
    const names = Array.from({length: 8}, (_, at) => at < 4 ? `/d/${at}` : `/d/new/folder/${at}`);
    const ends = await Promise.all(names.map(async (path, at) => {
      for (let turn = 0; turn < at; turn++) await new Promise((resolve) => { setImmediate(resolve); });
      return fetchOnto(disk, {path, context, body: Buffer.from(path)});
    }));
    const promises = names.map((path, at): Promised => {
      const content = Buffer.from(path);
      return {path, any: [undefined, content], end: {from: ends[at]!.steps, content}};
    });
    // They did finish at different moments, and shared syncs.
    expect(new Set(ends.map(({steps}) => steps)).size).to.be.above(2);
    expect(disk.log.filter((line) => line === 'sync /d/').length).to.be.below(names.length);
    for (const seed of [1, 2, 3]) expect(findBroken(disk, promises, {seed}).broken).to.deep.equal([]);
  });

  for (const cut of [true, false]) {
    it(`is no hindrance: the next run ends with the right file, whatever the ${cut ? 'cut' : 'kill'} left`, async () => {
      for (const [path, body] of [['/d/f', SMALL], ['/d/new/f', SMALL], ['/d/f', LARGE]] as const) {
        const disk = diskWith(path === '/d/f' ? OLD : undefined);
        await fetchOnto(disk, {path, body});
        for (let step = 0; step <= disk.steps; step++) {
          const choices = cut ? [...disk.choices(step)] : [undefined];
          // The first and last ones are the extremes; a run on each of the others would take long.
          for (const choice of choices.length > 8 ? [...choices.slice(0, 4), ...choices.slice(-4)] : choices) {
            const left = disk.afterCrash(step, choice);
            const parts = left.list().filter((name) => name.endsWith('.part'));
            const {result} = await fetchOnto(left, {path, body});
            expect(result?.outcome).to.equal('fetched');
            expect(left.content(path)?.equals(body)).to.equal(true);
            expect(left.list().filter((name) => name.endsWith('.part'))).to.deep.equal(parts);
          }
        }
      }
    });
  }

  it('does not matter to what was there before the run', async () => {
    const files = {'/d': undefined, '/d/f': OLD, '/d/g': 'another', '/e/h': 'and another'};
    const disk = new CrashDisk(files);
    await fetchOnto(disk, {body: LARGE});
    await fetchOnto(disk, {path: '/d/new/f'});
    const others = ['/d/g', '/e/h'].map((path): Promised => ({path, any: [Buffer.from(path === '/d/g' ? 'another' : 'and another')]}));
    expect(findBroken(disk, others).broken).to.deep.equal([]);
  });
});
