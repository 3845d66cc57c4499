import {expect} from 'chai';
import type {PartConflict} from '../../src/catalogue/contract.js';
import {conflictLines, shortOf} from '../../src/cli/catalogue/conflict-table.js';
import type {Json} from '../../src/core/json.js';

const PIPE = {isTTY: false};
const TERMINAL = {isTTY: true};
const DIGEST = 'ab'.repeat(64);

function linesOf(tip: Json | undefined, incoming: Json | undefined, screen = PIPE): string[] {
  const conflict = {part: '/de', path: '/partials/r1', kind: 'both-changed', tip, incoming} as PartConflict;
  return conflictLines([conflict], screen).slice(1).map((line) => line.replace(/ {2,}/g, ' | '));
}

describe('conflictLines', () => {
  it('shows of two objects only what differs, a line each, whatever the order of their members', () => {
    expect(linesOf({digest: DIGEST, size: 4096, from: '0.8'}, {from: '0.8', digest: DIGEST, size: 5000}))
      .to.deep.equal(['/de/partials/r1 | both-changed | size 4096 | size 5000']);
    expect(linesOf({digest: 'ab', size: 1, tags: [1]}, {digest: 'cd', tags: [1], url: 'http://x/'})).to.deep.equal([
      '/de/partials/r1 | both-changed | digest ab | digest cd', ' | size 1 | size -', ' | url - | url http://x/',
    ]);
  });

  it('shows other values as they are', () => {
    expect(linesOf('red', undefined)).to.deep.equal(['/de/partials/r1 | both-changed | red | -']);
    expect(linesOf([1], {a: 1})).to.deep.equal(['/de/partials/r1 | both-changed | [1] | {"a":1}']);
  });

  it('cuts long values on a terminal only, and never the place where they differ', () => {
    const [one, other] = [`${DIGEST}one`, `${DIGEST}other`];
    expect(linesOf(one, other)).to.deep.equal([`/de/partials/r1 | both-changed | ${one} | ${other}`]);
    // Both go on with an o.
    expect(linesOf(one, other, TERMINAL)).to.deep.equal(['/de/partials/r1 | both-changed | …babababone | …babababother']);
    expect(linesOf(`x${DIGEST}`, `y${DIGEST}`, TERMINAL)).to.deep.equal([
      `/de/partials/r1 | both-changed | x${DIGEST.slice(0, 46)}… | y${DIGEST.slice(0, 46)}…`,
    ]);
  });
});

describe('shortOf', () => {
  it('cuts on a terminal only', () => {
    expect(shortOf(DIGEST, PIPE)).to.equal(DIGEST);
    expect(shortOf(DIGEST, TERMINAL)).to.equal(`${DIGEST.slice(0, 47)}…`);
    expect([shortOf(undefined, TERMINAL), shortOf({a: [1]}, PIPE)]).to.deep.equal(['-', '{"a":[1]}']);
  });
});
