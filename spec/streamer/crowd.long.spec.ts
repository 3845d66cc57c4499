import {expect} from 'chai';
import {createReadStream} from 'node:fs';
import {get, type IncomingMessage} from 'node:http';
import {once} from 'node:events';
import {patterned} from '../../src/testing/bytes.js';
import {fileAnswer} from '../../src/testing/file-answer.js';
import {Moment} from '../../src/testing/moment.js';
import {runClient} from './client-run.js';
import {busy, inspectStore} from './serve-round.js';
import {useServing} from './serving.js';

const SIZE = 20 * 1024 * 1024;
/** As many as curl is allowed at once. */
const CURLS = 50;
const NODES = 50;

describe('100 clients of jupiter serve on one cold file', function suite() {
  this.timeout(300_000);
  const stage = useServing();

  it('cost one request to the upstream, and all get the very bytes', async () => {
    const content = patterned(SIZE);
    const all = new Moment();
    stage.upstream.on('/base/file', fileAnswer(content, {holdBody: all.reached}));
    const serving = await stage.start();
    const url = `${serving.url}/file`;
    const outputs = Array.from({length: CURLS}, (_, n) => stage.folder.join(`out-${n}`));
    const args = ['-q', '-sS', '-f', '--noproxy', '*', '--no-progress-meter', '-Z', '--parallel-immediate', '--parallel-max', '50'];
    const curls = runClient('curl', [...args, ...outputs.flatMap((path) => ['-o', path, url])], stage.folder.path);
    const nodes = Array.from({length: NODES}, async () => {
      const [reply] = await once(get(url, {agent: false}), 'response') as [IncomingMessage];
      return sameBytes(reply, content);
    });
    await busy(serving, CURLS + NODES);
    all.reach();
    const {code, told} = await curls;
    expect([code, told]).to.deep.equal([0, '']);
    expect(await Promise.all(nodes)).to.deep.equal(nodes.map(() => true));
    for (const path of outputs) expect(await sameBytes(createReadStream(path), content), path).to.equal(true);
    expect(stage.upstream.requests.map(({method, path}) => `${method} ${path}`)).to.deep.equal(['GET /base/file']);
    expect(stage.upstream.bodyBytes).to.equal(SIZE);
    expect((await serving.stop('SIGTERM')).code).to.equal(143);
    expect(await inspectStore(stage.folder.join('store'))).to.deep.equal({damaged: [], contents: 1, leftovers: []});
  });
});

/** Compares as it comes: 100 bodies would be much to hold. */
async function sameBytes(stream: AsyncIterable<unknown>, content: Buffer): Promise<boolean> {
  let at = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (!content.subarray(at, at + chunk.length).equals(chunk)) return false;
    at += chunk.length;
  }
  return at === content.length;
}
