import {createHash} from 'node:crypto';
import {expect} from 'chai';
import {DigestSet} from '../../src/monitor/digest-set.js';
import {DownloadMonitor} from '../../src/monitor/download-monitor.js';
import {Watched} from './watched.js';

const hexOf = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

function begin(download: Watched): DigestSet {
  const digests = new DigestSet();
  for (const monitor of download.monitors) monitor.begin?.({digests, offset: 0});
  return digests;
}

describe('DownloadMonitor', () => {
  it('attaches itself and knows nothing before the first byte sequence', () => {
    const download = new Watched();
    const monitor = new DownloadMonitor(download);
    expect(download.monitors).to.deep.equal([monitor]);
    expect(monitor.facts()).to.deep.equal({size: 0});
  });

  it('knows size and sha256 of the bytes so far, frozen', () => {
    const download = new Watched();
    const monitor = new DownloadMonitor(download);
    const digests = begin(download);
    digests.update(Buffer.from('ab'));
    const facts = monitor.facts();
    digests.update(Buffer.from('c'));
    expect(facts).to.deep.equal({size: 2, sha256: hexOf('sha256', 'ab')}).and.to.satisfy(Object.isFrozen);
    expect(monitor.facts()).to.deep.equal({size: 3, sha256: hexOf('sha256', 'abc')});
  });

  it('knows the digests that it was asked for, under one name each', () => {
    const download = new Watched();
    const monitor = new DownloadMonitor(download, {digests: ['SHA-512', 'sha512', 'md5']});
    const digests = begin(download);
    digests.update(Buffer.from('x'));
    expect(monitor.facts()).to.deep.equal({size: 1, sha512: hexOf('sha512', 'x'), md5: hexOf('md5', 'x')});
    expect(digests.algorithms).to.deep.equal(['sha512', 'md5']);
  });

  it('hashes nothing when no digest is wanted', () => {
    const download = new Watched();
    const monitor = new DownloadMonitor(download, {digests: []});
    const digests = begin(download);
    digests.update(Buffer.from('x'));
    expect([monitor.facts(), digests.algorithms]).to.deep.equal([{size: 1}, []]);
  });

  it('leaks nothing of one byte sequence into the next', () => {
    const download = new Watched();
    const monitor = new DownloadMonitor(download);
    begin(download).update(Buffer.from('half of something'));
    const digests = begin(download);
    expect(monitor.facts().size).to.equal(0);
    digests.update(Buffer.from('good'));
    digests.finish();
    expect(monitor.facts()).to.deep.equal({size: 4, sha256: hexOf('sha256', 'good')});
  });

  it('has the final facts of the run after success, only those it was asked for', () => {
    const download = new Watched();
    const monitor = new DownloadMonitor(download, {digests: ['md5']});
    begin(download).update(Buffer.from('half'));
    download.succeeded(9, {md5: 'aa', sha256: 'bb'});
    expect(monitor.facts()).to.deep.equal({size: 9, md5: 'aa'});
  });

  it('has the facts of a file that was there already and whose digests nobody made', () => {
    const download = new Watched();
    const monitor = new DownloadMonitor(download);
    download.succeeded(9);
    expect(monitor.facts()).to.deep.equal({size: 9});
  });

  it('refuses bad options by name', () => {
    const make = (options: object) => () => new DownloadMonitor(new Watched(), options);
    expect(make({digest: ['md5']})).to.throw(TypeError, 'DownloadMonitor: unknown option \'digest\'');
    expect(make({digests: 'md5'})).to.throw(TypeError, 'digests: expected a list');
    expect(make({digests: ['md6']})).to.throw(RangeError, 'algorithm: ');
    expect(make({digests: [6]})).to.throw(TypeError, 'algorithm: ');
  });
});
