import {expect} from 'chai';
import {ScriptedServer, useTempFolder} from '../../src/testing/index.js';
import {allCells, ResumeMatrix, type Cell} from './resume-matrix.js';

/** The whole matrix is a long spec; these are as many of its cells as take a few seconds, every dimension in each value. */
const STEP = 97;
const SIZE = 3000;

describe('Safe resume', () => {
  const folder = useTempFolder();
  let server: ScriptedServer;
  beforeEach(async () => { server = await ScriptedServer.start(); });
  afterEach(() => server.close());

  it('comes to the right bytes or to an error in a sample of the matrix', async function () {
    this.timeout(60_000);
    const matrix = new ResumeMatrix(server, folder.path);
    const outcomes = new Set<string>();
    const cells = allCells();
    for (let at = 0; at < cells.length; at += STEP) outcomes.add((await matrix.play(cells[at]!)).outcome);
    expect([...outcomes].sort()).to.deep.equal(['refused', 'right']);
  });

  const honest: Cell = {local: 'partial', conduct: 'supported', validator: 'strong', digest: false, framing: 'length', redirects: 0, cutAgain: false};

  for (const cell of [
    honest, {...honest, validator: 'date'}, {...honest, redirects: 1}, {...honest, cutAgain: true}, {...honest, framing: 'chunked'},
    {...honest, local: 'too big'}, {...honest, validator: 'none', digest: true}, {...honest, validator: 'weak', digest: true},
  ] satisfies Cell[]) {
    const {local, validator, framing, redirects, cutAgain} = cell;
    it(`fetches only the rest: ${[local, validator, framing, redirects > 0 && 'redirected', cutAgain && 'cut again'].filter(Boolean).join(', ')}`, async () => {
      const {outcome, sent, asked} = await new ResumeMatrix(server, folder.path).play(cell);
      expect({outcome, asked, sent}).to.deep.equal({outcome: 'right', asked: true, sent: SIZE / 2});
    });
  }

  it('asks for nothing more when all was there', async () => {
    const {outcome, sent} = await new ResumeMatrix(server, folder.path).play({...honest, local: 'complete'});
    expect({outcome, sent}).to.deep.equal({outcome: 'right', sent: 0});
  });

  for (const [why, cell] of [
    ['a weak validator', {...honest, validator: 'weak'}],
    ['a date too young', {...honest, validator: 'young-date'}],
    ['no validator', {...honest, validator: 'none'}],
    ['altered bytes', {...honest, local: 'altered'}],
    ['a foreign journal', {...honest, local: 'foreign'}],
    ['nothing there', {...honest, local: 'absent'}],
  ] satisfies [string, Cell][]) {
    it(`begins at byte 0 with ${why}`, async () => {
      const {outcome, sent, asked} = await new ResumeMatrix(server, folder.path).play(cell);
      expect({outcome, asked, sent}).to.deep.equal({outcome: 'right', asked: false, sent: SIZE});
    });
  }

  it('takes the new version whole when the file changed', async () => {
    const {outcome, sent, requests} = await new ResumeMatrix(server, folder.path).play({...honest, local: 'other version'});
    expect({outcome, sent, requests}).to.deep.equal({outcome: 'right', sent: SIZE, requests: 1});
  });

  for (const conduct of ['wrong-start', 'other-total', 'unknown-total', 'no-content-range', 'multipart', 'encoded', 'surplus', 'other-validator',
    '416', '416-other-total', '416-garbled', 'short'] as const) {
    it(`starts over, free of charge, when a server answers with ${conduct}`, async () => {
      const {outcome} = await new ResumeMatrix(server, folder.path).play({...honest, conduct});
      expect(outcome).to.equal('right');
    });
  }
});
