import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {receiptSheet} from '../../src/cli/receipt-book.js';
import type {Receipt} from '../../src/delegate/receipt.js';
import {FakeDownload} from '../../src/testing/fake-download.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {fileAnswer} from '../../src/testing/file-answer.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {jupiter, startScript} from './jupiter.js';

const BODY = 'receipt '.repeat(1000);
const SHA256 = createHash('sha256').update(BODY).digest('hex');

describe('receipts of the command', function suite() {
  this.timeout(30_000);
  const folder = useTempFolder();
  let server: ScriptedServer;
  beforeEach(async () => { server = (await ScriptedServer.start()).on('/a', fileAnswer(BODY)).on('/b', {body: 'b'}); });
  afterEach(async () => { await server.close(); });

  /** Runs the command for each list of arguments in one process, one after the other. */
  async function runs(...calls: string[][]): Promise<[number, string, string][]> {
    const {stdout, stderr} = await startScript('spec/cli/run-many.ts', [JSON.stringify(calls)], {cwd: folder.path, input: ''}).ended;
    expect(stderr).to.equal('');
    return JSON.parse(stdout.toString()) as [number, string, string][];
  }
  const receipt = async (name = 'r.json'): Promise<Receipt> => JSON.parse((await folder.read(name)).toString()) as Receipt;

  it('of a get: one object, replaced by the next run', async () => {
    const get = ['get', server.url('/a'), '--receipt', 'r.json', '--durability', 'none'];
    expect((await runs([...get, '--digest', `sha256:${SHA256}`, '-q']))[0]).to.deep.equal([0, '', '']);
    expect(await receipt()).to.deep.include({url: server.url('/a'), path: folder.join('a'), outcome: 'fetched', verified: 'strong',
      digests: {sha256: SHA256}, framing: 'length'});
    expect((await receipt()).plan).to.deep.include({durability: 'none', exists: 'skip-if-same', resume: false, segments: 1, retries: 4});
    expect((await runs([...get, '-q']))[0]?.[0]).to.equal(0);
    expect((await receipt()).verified).to.equal('none');
    expect(await folder.list()).to.deep.equal(['a', 'r.json']);
  });

  it('make --if-changed possible: nothing comes when it is the same version, and the receipt is renewed', async () => {
    const get = ['get', server.url('/a'), '--receipt', 'r.json', '--if-changed'];
    const [first, same] = await runs(get, [...get, '--json']);
    expect([first?.[0], same?.[0]]).to.deep.equal([0, 0]);
    expect(same?.[1]).to.match(/^not modified a; 0 B in /);
    expect(JSON.parse(same?.[2] ?? '')).to.deep.include({outcome: 'notModified', size: BODY.length, digests: {sha256: SHA256}});
    expect(await receipt()).to.deep.include({outcome: 'notModified'}).and.have.nested.property('version.facts.sha256', SHA256);
    expect(server.bodyBytes).to.equal(BODY.length);

    server.on('/a', fileAnswer(`${BODY}!`));
    const [other, again] = await runs(get, get);
    expect([other?.[1], again?.[1]].map((line) => line?.split(';')[0])).to.deep.equal(['fetched a', 'not modified a']);
    await folder.write('a', 'altered');
    expect((await runs(get))[0]?.[1]).to.match(/^fetched a;/);
    expect((await folder.read('a')).toString()).to.equal(`${BODY}!`);
  });

  it('a failed run leaves what --if-changed needs', async () => {
    const get = ['get', server.url('/a'), '--receipt', 'r.json', '--if-changed'];
    await runs(get);
    server.on('/a', {status: 404});
    expect((await runs(get))[0]?.[0]).to.equal(4);
    expect(await receipt()).to.deep.include({outcome: 'failed'}).and.have.nested.property('version.facts.sha256', SHA256);
    server.on('/a', fileAnswer(BODY));
    expect((await runs(get))[0]?.[1]).to.match(/^not modified a;/);
  });

  it('of a batch: a line for each item, added to those of earlier runs', async () => {
    await folder.write('list', `${server.url('/a')}\n${server.url('/none?token=geheim')}\n`);
    const batch = ['batch', 'list', '--receipt', 'r.jsonl', '-H', 'X-Key: geheim', '-q'];
    await runs(batch, batch);
    const lines = (await folder.read('r.jsonl')).toString().trim().split('\n').map((line) => JSON.parse(line) as Receipt);
    expect(lines.map(({outcome, error}) => [outcome, error?.code ?? null]).sort()).to.deep.equal([
      ['failed', 'NOT_FOUND'], ['failed', 'NOT_FOUND'], ['fetched', null], ['fetched', null]]);
    expect(JSON.stringify(lines)).to.not.contain('geheim');
  });

  it('hold no secret of the command line, of redirects and of answers', async () => {
    server.on('/moved', {status: 302, headers: {Location: '/a?X-Amz-Signature=geheim'}}).on('/no', {status: 403, reason: 'token=geheim', body: 'geheim'});
    const at = server.origin.replace('://', '://elmer:geheim@');
    const secrets = ['-H', 'X-Key: geheim', '--retries', '0', '-q', '--receipt'];
    await runs(['get', `${at}/moved?token=geheim`, '-o', 'm', ...secrets, '1.json'], ['get', `${at}/no?sig=geheim`, ...secrets, '2.json'],
      ['get', server.url('/none'), '--user', 'elmer:geheim', '--mirror', `${at}/no?key=geheim`, ...secrets, '3.json']);
    expect((await receipt('1.json')).attempts[0]?.hops).to.have.length(2);
    expect((await receipt('3.json')).sources).to.have.length(2);
    for (const name of ['1', '2', '3']) expect((await folder.read(`${name}.json`)).toString(), name).to.not.contain('geheim');
  });

  it('are refused a place that is no file, before anything is fetched', async () => {
    const end = await jupiter(['get', server.url('/b'), '--receipt', '/dev/full'], {cwd: folder.path});
    expect([end.code, end.stderr]).to.deep.equal([2, 'jupiter get: --receipt: expected a file, /dev/full is neither a file nor a folder\n']);
    expect(server.requests).to.deep.equal([]);
  });

  it('that can\'t be written are told at the end', async () => {
    const sheet = receiptSheet(folder.join('gone/r.json'), {}, undefined);
    const download = new FakeDownload();
    sheet.delegate.attach(download);
    expect((await download.run()).warnings).to.deep.equal([]);
    expect((await faultOf(sheet.close()))?.message).to.contain('no such file or folder');
  });
});
