import {expect} from 'chai';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, openSync, closeSync} from 'node:fs';
import {join} from 'node:path';
import {sharedCommand} from '../chaos/built-command.js';
import {ROOT} from '../house/project.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

describe('jupiter, with a full disk behind its output', function suite() {
  this.timeout(30_000);
  const folder = useTempFolder();
  let server: ScriptedServer;
  beforeEach(async () => { server = (await ScriptedServer.start()).on('*', {body: 'x'}); });
  afterEach(async () => { await server.close(); });

  for (const flags of [['-o', '-'], ['--json']]) {
    it(`says that it cannot write: ${flags.join(' ')}`, async function full() {
      if (!existsSync('/dev/full')) this.skip();
      const device = openSync('/dev/full', 'w');
      const child = spawn(process.execPath, [sharedCommand(), 'get', server.url('/a'), ...flags], {
        cwd: folder.path, stdio: ['pipe', device, 'pipe'],
        env: {PATH: process.env.PATH, HOME: folder.path, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.json')},
      });
      closeSync(device);
      let stderr = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
      const [code] = await once(child, 'close') as [number];
      expect(stderr.split('\n')).to.include('jupiter get: cannot write to standard output (ENOSPC)');
      expect(code).to.equal(7);
    });
  }
});
