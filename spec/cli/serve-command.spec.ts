import {expect} from 'chai';
import {once} from 'node:events';
import {createServer} from 'node:net';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {offerArchive, poolPath} from '../streamer/importers/debian-archive.js';
import {runTogether} from './command-lines.js';
import {startJupiter, type Ended} from './jupiter.js';

/** Arguments, SERVER standing for the upstream, and what stderr must say. */
const CASES: readonly (readonly [args: string, message: RegExp])[] = [
  ['', /^jupiter: required option '--importer <NAME>' not specified/],
  ['--importer npm --store s', /^jupiter: required option '--upstream <URL>' not specified/],
  ['--importer npm --upstream SERVER', /^jupiter: required option '--store <DIR>' not specified/],
  ['--importer rpm --upstream SERVER --store s', /^jupiter serve: --importer: expected one of npm, debian, prefix, got "rpm"/],
  ['--importer npm --upstream ftp://x/ --store s', /^jupiter serve: --upstream: expected a URL with scheme http or https/],
  ['--importer npm --upstream SERVER/?q --store s', /^jupiter serve: --upstream: expected a URL without query/],
  ['--importer npm --upstream SERVER --store s --port x', /^jupiter serve: --port: expected a whole number/],
  ['--importer npm --upstream SERVER --store s --port 65536', /^jupiter serve: --port: expected at most 65535/],
  ['--importer npm --upstream SERVER --store s --port BUSY', /^jupiter serve: --port, --host: expected a free port .*EADDRINUSE/],
  ['--importer npm --upstream SERVER --store file --port 0', /^jupiter serve: --store: cannot write into \S+\/file: it is not a folder\n$/],
  ['--importer npm --upstream SERVER --store file/below --port 0', /^jupiter serve: --store: cannot .*\/file/],
  ['--importer npm --upstream SERVER --store /proc/none/s --port 0', /^jupiter serve: --store: cannot make the folder \/proc\/none/],
  ['--importer npm --upstream SERVER --store file --offline --port 0', /^jupiter serve: --store: cannot write into \S+\/file: it is not a folder\n$/],
  ['--importer npm --upstream SERVER --store s --max-size x', /^jupiter serve: --max-size: expected a size/],
  ['--importer npm --upstream SERVER --store s --allow-host http://x/', /^jupiter serve: --allow-host: expected hosts such as/],
  ['--importer npm --upstream SERVER --store s --suite stable', /^jupiter serve: --suite: expected --importer debian beside it, got npm/],
  ['--importer prefix --upstream SERVER --store s --suite stable', /^jupiter serve: --suite: expected --importer debian beside it, got prefix/],
  ['--importer debian --upstream SERVER --store s --suite stable --suite ../x', /^jupiter serve: --suite: expected names such as stable/],
  ['--importer npm --upstream SERVER --store s --password-file f', /^jupiter serve: --password-file: expected --user/],
  ['--importer npm --upstream SERVER --store s --user elmer',
    /^jupiter serve: --user: expected a password from --password-file or JUPITER_PASSWORD, got none/],
];

describe('jupiter serve', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();
  let server: ScriptedServer;
  beforeEach(async () => {
    server = (await ScriptedServer.start()).on('/base/file', {body: 'content'});
  });
  afterEach(async () => { await server.close(); });

  /** Starts it, gives its address to `use`, and ends it by SIGTERM. */
  const serving = async (args: readonly string[], use: (url: string) => Promise<void>): Promise<Ended> => {
    const {child, ended} = startJupiter(['serve', '--port', '0', ...args], {cwd: folder.path, env: {JUPITER_PASSWORD: 'upstreampass'}});
    try {
      const [first] = await Promise.race([once(child.stdout!, 'data'), ended.then(({stderr}) => { throw new Error(stderr); })]) as [Buffer];
      await use(first.toString().trim());
    } finally {
      child.kill('SIGTERM');
    }
    return ended;
  };
  const textOf = async (url: string): Promise<string> => {
    const response = await fetch(url);
    return `${response.status} ${await response.text()}`;
  };

  it('serves what the upstream has, then the same offline from the store, and ends in order by SIGTERM', async () => {
    const args = ['--importer', 'prefix', '--upstream', server.url('/base'), '--store', 'store', '--max-size', '10M'];
    const first = await serving([...args, '--user', 'elmer'], async (url) => {
      expect(await textOf(`${url}/file`)).to.equal('200 content');
      expect(await textOf(`${url}/file?v=2`)).to.equal('200 content');
      expect(await textOf(`${url}/-/health`)).to.match(/^200 /);
    });
    expect([first.code, first.stderr]).to.deep.equal([143, '']);
    const [, password] = Buffer.from(server.requests[0]?.headers.authorization?.slice('Basic '.length) ?? '', 'base64').toString().split(':');
    expect([password, server.requests[1]?.path]).to.deep.equal(['upstreampass', '/base/file?v=2']);
    const asked = server.requests.length;
    const second = await serving([...args, '--offline'], async (url) => {
      expect(await textOf(`${url}/file`)).to.equal('200 content');
      expect((await textOf(`${url}/other`)).slice(0, 3)).to.match(/50\d/);
    });
    expect([second.code, server.requests.length]).to.deep.equal([143, asked]);
  });

  it('asks no host but the upstream and those of --allow-host', async () => {
    const other = (await ScriptedServer.start()).on('/file', {body: 'elsewhere'});
    server.on('/base/away', {status: 302, headers: {Location: other.url('/file')}});
    const args = ['--importer', 'prefix', '--upstream', server.url('/base'), '--store', 'store', '--allow-host'];
    await serving([...args, 'cdn.example'], async (url) => {
      expect(await textOf(`${url}/file`)).to.equal('200 content');
      expect((await textOf(`${url}/away`)).slice(0, 3)).to.equal('502');
    });
    expect(other.connections).to.equal(0);
    await serving([...args, `127.0.0.1:${other.port}`], async (url) => {
      expect(await textOf(`${url}/away`)).to.equal('200 elsewhere');
    });
    await other.close();
  });

  it('verifies files of the suites that --suite names before a client asked for those', async () => {
    const files = ['stable', 'testing'].map((suite) => {
      const one = {name: suite, version: '1', architecture: 'amd64', content: `the bytes of ${suite}`};
      offerArchive(server, [one], {suite});
      return poolPath(one);
    });
    for (const path of files) server.on(`/debian/${path}`, {body: 'other bytes'});
    const args = ['--importer', 'debian', '--upstream', server.url('/debian'), '--store', 'store'];
    const statuses = async (url: string): Promise<string[]> => Promise.all(files.map(async (path) => (await textOf(`${url}/${path}`)).slice(0, 3)));
    for (const [suites, expected] of [[['stable'], ['502', '200']], [['stable', 'testing'], ['502', '502']]] as const) {
      const flags = suites.flatMap((suite) => ['--suite', suite]);
      const {stderr} = await serving([...args, ...flags], async (url) => { expect(await statuses(url)).to.deep.equal(expected); });
      expect(stderr).to.equal('');
    }
  });

  it('says what is wrong with its flags', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const port = String((busy.address() as {port: number}).port);
    await folder.write('file', '');
    const told = await runTogether(folder.path, CASES.map(([line]) => `serve ${line}`.replace('SERVER', server.origin).replace('BUSY', port)));
    for (const [at, [line, message]] of CASES.entries()) {
      expect(told[at]?.stderr, line).to.match(message);
      expect(told[at]?.code, line).to.equal(2);
    }
    busy.close();
    expect(server.requests.length).to.equal(0);
    expect(await folder.list()).to.deep.equal(['file']);
  });
});
