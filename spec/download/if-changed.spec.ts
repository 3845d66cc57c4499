import {rm} from 'node:fs/promises';
import {expect} from 'chai';
import type {KeptVersion} from '../../src/core/contract.js';
import {HttpDownload} from '../../src/download/http-download.js';
import type {DownloadResult} from '../../src/download/result.js';
import {versionOf} from '../../src/download/resume-key.js';
import {faultOf, fileAnswer, useTempFolder} from '../../src/testing/index.js';
import {DownloadMonitor} from '../../src/monitor/download-monitor.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {useWire} from '../support/wire.js';

describe('ifChanged', () => {
  const folder = useTempFolder();
  const wire = useWire();

  const run = (ifChanged?: KeptVersion): Promise<DownloadResult> => {
    const download = new HttpDownload({url: wire.server.url('/f'), context: wire.context, writer: new FileWriter(folder.join('f')), ifChanged});
    new DownloadMonitor(download);
    return download.run();
  };

  for (const validator of ['strong', 'weak', 'date'] as const) {
    it(`leaves the file alone when the source still has the version (${validator})`, async () => {
      wire.server.on('/f', fileAnswer('hello', {validator}));
      const version = versionOf(await run());
      const result = await run(JSON.parse(JSON.stringify(version)) as KeptVersion);
      expect([result.outcome, result.path, result.facts]).to.deep.equal(['notModified', folder.join('f'), version?.facts]);
      expect([result.reply?.status, wire.server.bodyBytes]).to.deep.equal([304, 5]);
      expect(await folder.list()).to.deep.equal(['f']);
    });
  }

  it('fetches the new version when it changed', async () => {
    wire.server.on('/f', fileAnswer('hello'));
    const version = versionOf(await run());
    wire.server.on('/f', fileAnswer('other'));
    expect((await run(version)).outcome).to.equal('fetched');
    expect((await folder.read('f')).toString()).to.equal('other');
  });

  it('asks for the whole when the file here is missing, or no longer what it was', async () => {
    wire.server.on('/f', fileAnswer('hello'));
    const version = versionOf(await run());
    await folder.write('f', 'hellO');
    expect((await run(version)).outcome).to.equal('fetched');
    expect(wire.server.requests.map(({headers}) => 'if-none-match' in headers)).to.deep.equal([false, false]);
    expect((await folder.read('f')).toString()).to.equal('hello');
  });

  it('does not believe a 304 of another address than the one that named the version', async () => {
    wire.server.on('/f', {status: 302, headers: {Location: '/one'}}).on('/one', fileAnswer('hello', {validator: {etag: '"1"'}}));
    const version = versionOf(await run());
    wire.server.on('/f', {status: 302, headers: {Location: '/two'}}).on('/two', fileAnswer('other', {validator: {etag: '"1"'}}));
    const {outcome, attempts} = await run(version);
    expect([outcome, attempts.length, (await folder.read('f')).toString()]).to.deep.equal(['fetched', 2, 'other']);
  });

  it('fetches it again when the file went away while the source said that it is still the one', async () => {
    wire.server.on('/f', fileAnswer('hello'));
    const version = versionOf(await run());
    const honest = fileAnswer('hello');
    wire.server.on('/f', async (request) => {
      if ('if-none-match' in request.headers) await rm(folder.join('f'), {force: true});
      return honest(request);
    });
    expect([(await run(version)).outcome, (await folder.read('f')).toString()]).to.deep.equal(['fetched', 'hello']);
  });

  it('refuses a 304 that nobody asked for', async () => {
    wire.server.on('/f', {status: 304, framing: 'none'});
    expect((await faultOf(run())).code).to.equal('PROTOCOL_ERROR');
  });

  it('refuses a version without digest, without validator, or with unknown fields, by name', () => {
    const make = (ifChanged: unknown): (() => unknown) => () => new HttpDownload({url: 'http://h.example/f', ifChanged: ifChanged as KeptVersion});
    expect(make({etag: '"a"', facts: {size: 3}})).to.throw(TypeError, /ifChanged\.facts: expected a digest/);
    expect(make({facts: {size: 3, md5: '0'.repeat(32)}})).to.throw(TypeError, /ifChanged: expected etag or lastModified/);
    expect(make({etag: '"a"', facts: {size: -1, md5: '0'.repeat(32)}})).to.throw(RangeError, /ifChanged\.facts\.size/);
    expect(make({etag: '"a"', tag: 1, facts: {size: 3}})).to.throw(TypeError, /unknown option 'tag'/);
  });
});
