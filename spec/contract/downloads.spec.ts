import {once} from 'node:events';
import {createServer, type AddressInfo, type Server, type Socket} from 'node:net';
import {pathToFileURL} from 'node:url';
import {GopherDownload} from '../../examples/06-new-protocol.js';
import {Interrupted, NotFound} from '../../src/core/errors.js';
import {FileDownload} from '../../src/download/file-download.js';
import {HttpDownload} from '../../src/download/http-download.js';
import {split} from '../../src/testing/bytes.js';
import {downloadContract} from '../../src/testing/download-contract.js';
import type {TestSource} from '../../src/testing/download-stage.js';
import {FakeDownload, silence, type Scene} from '../../src/testing/fake-download.js';
import {fileAnswer} from '../../src/testing/file-answer.js';
import {inTurn} from '../../src/testing/in-turn.js';
import {ScriptedServer, type Script} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

describe('downloads', () => {
  describe('over HTTP', () => {
    let server: ScriptedServer;
    let made = 0;
    beforeEach(async () => { server = await ScriptedServer.start(); });
    afterEach(async () => { await server.close(); });

    for (const framing of ['length', 'chunked'] as const) {
      downloadContract({describe, it}, {
        name: `HttpDownload of ${framing}`,
        make: (source, options) => {
          const path = `/${++made}`;
          server.on(path, scriptOf(source, framing));
          return new HttpDownload({...options, url: server.url(path)});
        },
        leftovers: () => Array.from({length: server.open}, () => 'connection'),
      });
    }
  });

  describe('of files', () => {
    const folder = useTempFolder();
    let made = 0;
    downloadContract({describe, it}, {
      name: 'FileDownload',
      faults: ['missing'],
      make: async ({bytes, fault}, options) => {
        const name = `${++made}`;
        if (fault !== 'missing') await folder.write(name, bytes);
        return new FileDownload({...options, url: pathToFileURL(folder.join(name))});
      },
    });
  });

  describe('of the example', () => {
    const sources: TestSource[] = [];
    const sockets = new Set<Socket>();
    let server: Server;
    beforeEach(async () => {
      server = createServer((socket) => {
        sockets.add(socket);
        socket.on('close', () => { sockets.delete(socket); }).on('error', () => { socket.destroy(); });
        socket.once('data', (selector) => {
          const {bytes, fault} = sources[Number(String(selector))] as TestSource;
          if (fault === 'silent') socket.write(bytes.subarray(0, bytes.byteLength >> 1));
          else socket.end(bytes);
        });
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
    });
    afterEach(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });

    downloadContract({describe, it}, {
      name: 'GopherDownload',
      faults: ['silent'], // a cut can't be told from the end, and an error from a file
      make: (source, options) => {
        const url = `gopher://127.0.0.1:${(server.address() as AddressInfo).port}/9${sources.push(source) - 1}`;
        return new GopherDownload({allowCloseFramed: true, ...options, url});
      },
      leftovers: () => [...sockets].map(() => 'connection'),
    });
  });

  describe('of a script', () => {
    const downloads: FakeDownload[] = [];
    downloadContract({describe, it}, {
      name: 'FakeDownload',
      make: (source, options) => {
        const download = new FakeDownload({...options, script: scenesOf(source)});
        downloads.push(download);
        return download;
      },
      leftovers: () => downloads.filter(({openBodies}) => openBodies > 0).map(() => 'body'),
    });
  });
});

function scriptOf({bytes, fault}: TestSource, framing: 'length' | 'chunked'): Script {
  const half = bytes.byteLength >> 1;
  switch (fault) {
    case 'missing': return {status: 404};
    case 'cut': return inTurn(fileAnswer(bytes, {framing, cutAt: half, cut: 'end'}), fileAnswer(bytes, {framing}));
    case 'silent': return fileAnswer(bytes, {framing, stallAt: half});
    default: return fileAnswer(bytes, {framing});
  }
}

function scenesOf({bytes, fault}: TestSource): Scene[] {
  const whole = split(bytes, 65_536);
  const half = whole.slice(0, whole.length >> 1);
  const length = bytes.byteLength;
  switch (fault) {
    case 'missing': return [{status: 404, fault: new NotFound('there is no such file', {status: 404})}];
    case 'cut': return [{length, chunks: [...half, new Interrupted('the line broke', length, 1)]}, whole];
    case 'silent': return [{length, chunks: [...half, silence]}];
    default: return [whole];
  }
}
