import {expect} from 'chai';
import type {ExistsPolicy} from '../../src/writer/publish.js';
import {findBroken, type Promised} from '../support/power-cut.js';
import {diskWith, fetchOnto, LARGE, OLD, SMALL} from './power-cut.js';

interface Expected {
  /** `FILE_EXISTS`: what the run fails with. */
  readonly ends: 'fetched' | 'kept' | 'FILE_EXISTS';
  /** Where the new file is. */
  readonly path?: string;
}

/** What comes of a target that exists. */
const EXISTING: Readonly<Record<ExistsPolicy, Expected>> = {
  'replace': {ends: 'fetched', path: '/d/f'},
  'skip-if-same': {ends: 'fetched', path: '/d/f'},
  'rename': {ends: 'fetched', path: '/d/f.1'},
  // Validations judge the file that is there, and it is not the one.
  'skip': {ends: 'kept'},
  'error': {ends: 'FILE_EXISTS'},
};
const ABSENT: Expected = {ends: 'fetched', path: '/d/f'};
const OTHER: Promised = {path: '/d/other', any: [Buffer.from('a file beside it')]};

describe('a download, when the power is cut', () => {
  for (const exists of Object.keys(EXISTING) as ExistsPolicy[]) {
    for (const [size, body] of [['small', SMALL], ['large', LARGE]] as const) {
      for (const old of [OLD, undefined]) {
        const {ends, path} = old === undefined ? ABSENT : EXISTING[exists];
        const name = `exists: ${exists}, a ${size} body, ${old === undefined ? 'no target' : 'an old target'}`;

        /** The promise of every step, and that of the end where the durability gives one. */
        const promises = (steps: number | undefined): Promised[] => [OTHER, ...['/d/f', '/d/f.1'].map((at) => {
          const before = at === '/d/f' ? old : undefined;
          const after = at === path ? body : before;
          return {path: at, any: [before, after], end: steps === undefined ? undefined : {from: steps, content: after}};
        })];

        for (const durability of ['none', 'file', 'full'] as const) {
          it(`${durability} keeps its promise (${name})`, async () => {
            const disk = diskWith(old);
            const {result, error, steps} = await fetchOnto(disk, {body, durability, exists});
            if (ends === 'kept') expect(error?.code).to.equal('DIGEST_MISMATCH');
            else expect(result?.outcome ?? error?.code).to.equal(ends);
            expect(steps).to.equal(disk.steps);

            const cut = durability === 'none' ? [OTHER] : promises(durability === 'full' ? steps : undefined);
            expect(findBroken(disk, cut).broken).to.deep.equal([]);
            expect(findBroken(disk, promises(steps), {cut: false}).broken).to.deep.equal([]);
          });
        }
      }
    }
  }

  it('full leaves no part behind, whatever was lost', async () => {
    for (const exists of ['replace', 'error'] as const) {
      for (const body of [SMALL, LARGE]) {
        const disk = diskWith();
        await fetchOnto(disk, {body, exists});
        for (const choice of disk.choices(disk.steps)) expect(disk.afterCrash(disk.steps, choice).list()).to.deep.equal(['/d/', '/d/f', '/d/other']);
      }
    }
  });

  it('looks at many states', async () => {
    const disk = diskWith(OLD);
    const {steps} = await fetchOnto(disk, {body: LARGE});
    expect(disk.log.map((line) => line.replace(/\.f\.\w+\.part/g, 'PART'))).to.deep.equal([
      'create PART', 'write PART 0+1048576', 'write PART 1048576+1048576', 'write PART 2097152+4321', 'sync PART', 'rename PART f',
      'sync /d/', 'sync //',
    ]);
    expect(findBroken(disk, [{path: '/d/f', any: [OLD, LARGE], end: {from: steps, content: LARGE}}]).states).to.equal(1 + 2 + 8 + 32 + 128 + 2 + 6 + 1 + 1);
  });
});
