import {expect} from 'chai';
import {basename} from 'node:path';
import {filesIn, textOf} from './project.js';

const CEILING = 300;
const EXAMPLE_CEILING = 60;
const WIDTH = 160;
const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.long)?(?:\.spec|\.d)?\.ts$/;
const CATCH_ALL = /^(?:utils?|helpers?|common|misc|stuff)\b/;

describe('file sizes and names', () => {
  const files = ['src', 'spec', 'examples'].flatMap((folder) => filesIn(folder, '.ts'));
  const lines = (path: string): string[] => textOf(path).replace(/\n$/, '').split('\n');

  it(`no file is longer than ${CEILING} lines, no example longer than ${EXAMPLE_CEILING}`, () => {
    expect(files).to.not.have.length(0);
    const isExample = (path: string): boolean => path.startsWith('examples/') && !path.startsWith('examples/npm-mirror/');
    const limit = (path: string): number => isExample(path) ? EXAMPLE_CEILING : CEILING;
    const long = files.filter((path) => lines(path).length > limit(path));
    expect(long.map((path) => `${path}: ${lines(path).length} lines`)).to.deep.equal([]);
  });

  it(`no line is longer than ${WIDTH} characters`, () => {
    expect(files.flatMap((path) => lines(path).flatMap((line, at) => line.length > WIDTH ? [`${path}:${at + 1}`] : []))).to.deep.equal([]);
  });

  it('every file is kebab-case and none is a catch-all', () => {
    const names = files.map((path) => basename(path));
    expect(names.filter((name) => !KEBAB.test(name) || CATCH_ALL.test(name))).to.deep.equal([]);
  });
});
