import {expect} from 'chai';
import {exitCodesText} from '../../src/cli/exit-codes.js';
import {VERSION} from '../../src/core/version.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {jupiter, startScript} from './jupiter.js';

/** Arguments, SERVER standing for the address of the server, and what stderr must say. */
const CASES: readonly (readonly [args: string, message: RegExp])[] = [
  ['get', /^jupiter get: URL: expected an address, or --metalink; got none/],
  ['batch', /^jupiter: missing required argument 'FILE'/],
  ['git SERVER/a', /^jupiter: unknown command 'git'/],
  ['get nonsense', /^jupiter get: url: expected an absolute URL, got "nonsense"/],
  ['get ftp://x/y', /^jupiter get: url: expected a URL with scheme http or https, got "ftp:/],
  ['get file:///etc/passwd', /scheme http or https/],
  ['get SERVER/', /^jupiter get: expected an address that ends in a file name, got "http[^"]*"; --output names the file$/m],
  ['get SERVER/a SERVER/b -o c', /^jupiter get: --output: expected one address, got 2 addresses/],
  ['get SERVER/a -o c -d d', /^jupiter get: --output: expected no --dir beside it, got both/],
  ['get SERVER/a SERVER/b --digest md5:00', /^jupiter get: --digest: expected one address/],
  ['get SERVER/a SERVER/b --integrity sha512-x', /^jupiter get: --integrity: expected one address/],
  ['get SERVER/a --digest md5:00 --integrity sha512-x', /^jupiter get: --digest: expected no --integrity/],
  ['get SERVER/a --digest md5:00 --checksums x', /^jupiter get: --digest: expected no --checksums/],
  ['get SERVER/a --digest md5', /^jupiter get: --digest: expected <algorithm>:<digest>/],
  ['get SERVER/a --digest rot13:00', /^jupiter get: --digest: expected a digest that node's crypto knows.*"rot13"/],
  ['get SERVER/a --digest sha256:00', /^jupiter get: --digest: expected a sha256 digest of 64 hex .* got 2 characters/],
  ['get SERVER/a --integrity sha512-x', /^jupiter get: --integrity: expected a sha512 digest/],
  ['get SERVER/a --checksums none', /^jupiter get: --checksums: expected a readable file or a URL, none is none: ENOENT/],
  ['get SERVER/a --checksums sums', /^jupiter get: --checksums: expected an entry for "a", got 1 of other files/],
  ['get SERVER/a --checksums list', /^jupiter get: --checksums: expected a checksum file, got one with line 1: checksum: expected/],
  ['get SERVER/a -o - --json', /^jupiter get: --output -: expected no --json beside it/],
  ['get SERVER/a -o - --exists skip', /^jupiter get: --output -: expected no --exists/],
  ['get SERVER/a -o - --resume', /^jupiter get: --output -: expected no --resume/],
  ['get SERVER/a -o - --segments 2', /^jupiter get: --output -: expected no --segments/],
  ['get SERVER/a -o - --if-changed --receipt r', /^jupiter get: --output -: expected no --if-changed/],
  ['get SERVER/a --if-changed', /^jupiter get: --if-changed: expected --receipt beside it/],
  ['get SERVER/a --if-changed --receipt r --exists skip', /^jupiter get: --if-changed: expected no --exists skip/],
  ['get SERVER/a --if-changed --receipt receipt', /^jupiter get: --if-changed: expected a receipt of this address and file, got one of "http:\/\/else\/a"/],
  ['get SERVER/a --receipt list', /^jupiter get: --receipt: expected the receipt of an earlier run, or no file yet, got another file/],
  ['get SERVER/a --receipt none/r', /^jupiter get: cannot write into .*none: no such file or folder/],
  ['get SERVER/a --receipt .', /^jupiter get: --receipt: expected a file, .* is a folder/],
  ['get SERVER/a --receipt a', /^jupiter get: --receipt: expected another file than the one that is fetched/],
  ['get SERVER/a SERVER/b --receipt r', /^jupiter get: --receipt: expected one address/],
  ['get SERVER/a --receipt -', /^jupiter get: --receipt: expected the name of a file/],
  ['get SERVER/a --limit-rate fast', /^jupiter get: --limit-rate: expected a size such as/],
  ['get SERVER/a --segments 0', /^jupiter get: --segments: expected a whole number of at least 1/],
  ['get SERVER/a --segments 65', /^jupiter get: --segments: expected at most 64/],
  ['get SERVER/a --metalink m', /^jupiter get: --metalink: expected no address beside it/],
  ['get --metalink m --mirror http://x/', /^jupiter get: --metalink: expected no --mirror/],
  ['get --metalink none', /^jupiter get: --metalink: expected a readable file or a URL, none is none: ENOENT/],
  ['get --metalink list', /^jupiter get: --metalink: expected a Metalink 4 document/],
  ['get --metalink list --user elmer:geheim', /^jupiter get: --user: expected an address whose origin it is for, got a metalink file/],
  ['get SERVER/a --allow-unverified', /^jupiter get: --allow-unverified: expected --metalink beside it/],
  ['get SERVER/a -q -v', /^jupiter get: --quiet: expected no --verbose/],
  ['get SERVER/a -q --progress', /^jupiter get: --quiet: expected no --progress/],
  ['get SERVER/a -o .', /^jupiter get: cannot write .*: it is a folder/],
  ['get SERVER/a -o list/x', /^jupiter get: cannot write into .*list: it is not a folder/],
  ['get SERVER/a -d list', /^jupiter get: cannot write into .*list: it is not a folder/],
  ['get SERVER/a SERVER/x/A', /^jupiter get: two addresses would be one file \(addresses 1 and 2/],
  ['get SERVER/a SERVER/a', /^jupiter get: two addresses would be one file/],
  ['get SERVER/a SERVER/b --mirror http://x/y', /^jupiter get: --mirror: expected for several files, a folder ending in \//],
  ['get SERVER/a --mirror ftp://x/', /^jupiter get: --mirror: expected an http or https URL/],
  ['get SERVER/a -H geheim', /^jupiter get: --header: expected `Name: value`/],
  ['get SERVER/a -H host:geheim', /^jupiter get: --header: 'host' is written by the framework/],
  ['get SERVER/a http://localhost:1/b -H x-key:geheim', /^jupiter get: --header: expected addresses of one origin/],
  ['get SERVER/a --user elmer', /^jupiter get: --user: expected a password from/],
  ['get SERVER/a --user elmer:geheim -H authorization:geheim', /^jupiter get: --user: expected no Authorization header/],
  ['get SERVER/a --ca none', /^jupiter get: --ca: expected a readable PEM file, none can't be read/],
  ['get SERVER/a --ca list', /^jupiter get: --ca: expected a certificate in PEM in list/],
  ['get SERVER/a --key none', /^jupiter get: --key: expected --cert beside it/],
  ['get SERVER/a --proxy socks5://u:geheim@x', /^jupiter get: --proxy: expected scheme http or https/],
  ['get --netrc SERVER/a', /^jupiter get: --netrc: expected a readable file of mode 600/],
  ['get SERVER/a --retries -1', /^jupiter get: --retries: expected a whole number/],
  ['get SERVER/a --timeout soon', /^jupiter get: --timeout: expected a time such as 30s.*"soon"/],
  ['get SERVER/a --max-size big', /^jupiter get: --max-size: expected a size/],
  ['get SERVER/a --exists maybe', /^jupiter get: --exists: expected one of error, skip, skip-if-same, replace, rename, got "maybe"/],
  ['get SERVER/a --durability much', /^jupiter get: --durability: expected one of none, file, full/],
  ['get SERVER/a --pasword=geheim', /^jupiter: unknown option '--pasword=…'/],
  ['batch none', /^jupiter batch: FILE: expected a readable list, .* none is none: ENOENT/],
  ['batch .', /^jupiter batch: FILE: .* it is a folder/],
  ['batch list -c 0', /^jupiter batch: --concurrency: expected a whole number of at least 1/],
  ['batch list --per-host x', /^jupiter batch: --per-host: expected/],
  ['batch list --backlog 0', /^jupiter batch: --backlog: expected/],
  ['batch list --format xml', /^jupiter batch: --format: expected one of auto, urls/],
  ['batch one --journal list', /^jupiter batch: --journal: expected the journal of a batch, or no file yet/],
  ['batch list --journal -', /^jupiter batch: --journal: expected the name of a file/],
  ['batch list --journal j --exists rename', /^jupiter batch: --journal: expected no --exists rename/],
  ['batch one --journal a', /^jupiter batch: line 1: --journal: expected a file that no item of the list is/],
  ['batch one --receipt a', /^jupiter batch: line 1: --receipt: expected a file that no item of the list is/],
  ['batch one --receipt list', /^jupiter batch: --receipt: expected receipts of earlier runs, a line each, or no file yet/],
  ['batch list --base nonsense', /^jupiter batch: --base: expected an absolute URL/],
  ['batch list --base SERVER/x', /^jupiter batch: --base: expected a URL that ends in a slash/],
  ['batch list', /^jupiter batch: line 2: url: expected a URL with scheme http or https, got "ftp:/],
  ['batch nameless', /^jupiter batch: line 1: expected an address that ends in a file name, .*; out in the list names the file$/m],
  ['batch sums', /^jupiter batch: line 1: url: expected an absolute URL \(--base makes/],
  ['batch twice', /^jupiter batch: line 2: two items would be one file \(items 1 and 2/],
  ['batch escape', /^jupiter batch: line 1: .*it leaves its folder/],
  ['batch folder', /^jupiter batch: line 1: dir: expected a folder below/],
  ['batch c1', /^jupiter batch: line 1: expected a name without control characters, got "a\\u009bb"/],
  ['batch bidi', /^jupiter batch: line 1: expected a name without control characters, got "a\\u202eb"/],
  ['batch mark', /^jupiter batch: line 1: expected a name without control characters, got "a\\u200fb"/],
  ['batch unknown', /^jupiter batch: line 2: unknown option 'bt-tracker'/],
];

describe('jupiter, used wrongly', function suite() {
  this.timeout(30_000);
  const folder = useTempFolder();
  let server: ScriptedServer;
  beforeEach(async () => {
    server = (await ScriptedServer.start()).on('*', {body: 'x'});
    await folder.write('list', `${server.url('/a')}\nftp://x/y\n`);
    await folder.write('one', server.url('/a'));
    await folder.write('receipt', '{"jupiter":1,"kind":"receipt","url":"http://else/a","path":null}');
    await folder.write('nameless', server.url('/'));
    await folder.write('sums', `${'0'.repeat(64)}  other\n`);
    await folder.write('twice', `${server.url('/a')}\n${server.url('/x/A')}\n`);
    await folder.write('escape', `${server.url('/a')}\n  out=../x\n`);
    for (const [name, mark] of [['c1', '\u009b'], ['bidi', '\u202e'], ['mark', '\u200f']] as const) {
      await folder.write(name, `${server.url('/a')}\n  out=a${mark}b\n`);
    }
    await folder.write('folder', `${server.url('/a')}\n  dir=/etc\n`);
    await folder.write('unknown', `${server.url('/a')}\n  bt-tracker=x\n`);
  });
  afterEach(async () => { await server.close(); });
  const argsOf = (line: string): string[] => line.replaceAll('SERVER', server.origin).split(' ');

  it('exits 2, says why, asks nothing, writes nothing and shows no secret', async () => {
    const before = await folder.list();
    const end = await startScript('spec/cli/run-many.ts', [JSON.stringify(CASES.map(([args]) => argsOf(args)))],
      {cwd: folder.path, input: ''}).ended;
    expect(end.stderr).to.equal('');
    const results = JSON.parse(end.stdout.toString()) as [number, string, string][];
    for (const [at, [args, message]] of CASES.entries()) {
      const [code, stderr, stdout] = results[at] ?? [0, '', ''];
      expect(stderr, args).to.match(message);
      expect(stderr, args).to.not.contain('geheim');
      expect([code, stdout], args).to.deep.equal([2, '']);
    }
    expect(await folder.list()).to.deep.equal(before);
    expect(server.requests).to.deep.equal([]);
  });

  it('does so as a process, and says where help is', async () => {
    const end = await jupiter(argsOf('get SERVER/a --bogus'), {cwd: folder.path});
    expect([end.code, end.stdout.length]).to.deep.equal([2, 0]);
    expect(end.stderr).to.equal("jupiter: unknown option '--bogus'\n(jupiter get --help tells more)\n");
    expect((await jupiter(argsOf('batch twice'), {cwd: folder.path})).code).to.equal(2);
  });

  it('shows every exit code in its help, and its version', async () => {
    const help = await jupiter(['--help'], {cwd: folder.path});
    expect([help.code, help.stderr]).to.deep.equal([0, '']);
    expect(help.stdout.toString()).to.contain(exitCodesText(80));
    expect((await jupiter(['--version'], {cwd: folder.path})).stdout.toString()).to.equal(`${VERSION}\n`);
  });
});
