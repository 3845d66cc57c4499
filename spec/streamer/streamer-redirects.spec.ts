import {expect} from 'chai';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {curl} from './curl.js';
import {useStage} from './stage.js';

const STATUSES = [['GET', 301], ['GET', 302], ['HEAD', 302], ['GET', 303], ['GET', 307], ['GET', 308]] as const;

const REFUSED = ['POLICY_REFUSED', 'REDIRECT_REFUSED'];

/** Ways to write the address of a server inside, and of others; `port` is its own, `own` the upstream's. */
function insides(port: number, own: number): string[] {
  return [
    ...[
      '127.0.0.1', 'localhost', 'LOCALHOST.', '127.1', '0', '0.0.0.0', '2130706433', '0x7f.0.0.1', '0177.0.0.1', '[::1]',
      '[::ffff:127.0.0.1]',
    ].map((host) => `http://${host}:${port}/`),
    `http://127.0.0.1:${own}@localhost:${port}/`, `http://localhost:${port}#@127.0.0.1:${own}/`, `http://127.0.0.1%00.example:${port}/`,
    `//localhost:${port}/`, `\\\\localhost:${port}\\`, `http:/\\localhost:${port}/`,
    'http://169.254.169.254/latest/meta-data/', 'http://[fd00:ec2::254]/latest/', 'http://10.0.0.1/', 'https://127.0.0.1/',
    'file:///etc/passwd', 'ftp://127.0.0.1/x', 'data:text/plain,secret', 'gopher://127.0.0.1/x', 'http://', 'http://:80/',
  ];
}

describe('Streamer: redirects of an upstream that lies', () => {
  const stage = useStage();
  let inner: ScriptedServer;
  beforeEach(async () => {
    inner = await ScriptedServer.start();
    inner.on('*', {body: 'secret of the inside'});
  });
  afterEach(async () => { await inner.close(); });

  for (const kept of [true, false]) {
    describe(kept ? 'with a store' : 'without a store', () => {
      /** Only the upstream itself may be asked. */
      const start = async (): Promise<void> => {
        await stage.start({upstreams: [`127.0.0.1:${stage.upstream.port}`], ...kept ? {} : {store: null}});
      };

      it('asks nothing inside, however its address is written', async () => {
        await start();
        const targets = insides(inner.port, stage.upstream.port);
        for (const [at, target] of targets.entries()) {
          for (const [method, status] of at === 0 ? STATUSES : [['GET', 302]] as const) {
            const path = `/${at}-${status}`;
            stage.upstream.on(path, {status, headers: {Location: target}});
            const got = await stage.get(path, {}, method);
            expect([got.status, got.body.includes('secret')], `${method} ${status} ${target}`).to.deep.equal([502, false]);
            if (method === 'GET') expect(JSON.parse(got.body.toString()).detail, target).to.be.oneOf(REFUSED);
          }
        }
        expect([inner.connections, inner.requests]).to.deep.equal([0, []]);
      });

      it('asks nothing inside after hops that are allowed', async () => {
        await start();
        stage.upstream.on('/a', {status: 302, headers: {Location: '/b'}}).on('/b', {status: 302, headers: {Location: inner.url('/')}});
        expect((await stage.get('/a')).status).to.equal(502);
        expect([inner.connections, stage.upstream.requests.map(({path}) => path)]).to.deep.equal([0, ['/a', '/b']]);
      });

      it('follows what stays at the upstream, to the end', async () => {
        await start();
        stage.upstream.on('/a', {status: 302, headers: {Location: '/b'}}).on('/c', {body: 'good'});
        stage.upstream.on('/b', {status: 307, headers: {Location: stage.upstream.url('/c')}});
        const got = await curl(stage.folder.path, `http://127.0.0.1:${stage.port}/a`, ['-f']);
        expect([got.code, got.status, got.body.toString()]).to.deep.equal([0, 200, 'good']);
      });

      it('ends where redirects go round', async () => {
        await start();
        stage.upstream.on('/a', {status: 302, headers: {Location: '/b'}}).on('/b', {status: 302, headers: {Location: '/a'}});
        expect((await stage.get('/a')).status).to.equal(502);
        expect(stage.upstream.requests.length).to.be.at.most(25);
      });

      it('hands no redirect on to its client', async () => {
        await start();
        stage.upstream.on('/none', {status: 302}).on('/many', {status: 300, headers: {Location: inner.url('/')}}).on('/304', {status: 304});
        for (const path of ['/none', '/many', '/304']) {
          const got = await stage.get(path);
          expect([got.status, got.headers.location], path).to.deep.equal([502, undefined]);
        }
      });
    });
  }
});
