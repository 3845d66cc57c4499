import {expect} from 'chai';
import {entriesOf} from './list-entries.js';

const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

async function faultOf(text: string): Promise<string> {
  const [entry] = await entriesOf(text, {format: 'aria2'});
  return entry?.fault?.message ?? 'no fault';
}

describe('readAria2', () => {
  it('reads addresses, and options in the lines below them', async () => {
    const text = `http://a.example/x\thttp://b.example/x\n  out=sub/y.bin\n\tdir=pool\n  checksum=sha-256=${SHA256}\n`
      + '  header=X-One: 1\n  header=X-Two: 2: 3\n  header=x-one: 4\n  referer=http://r.example/\n  user-agent=spec\n'
      + '  http-user=elmer\n  http-passwd=geheim\n  split=5\n# comment\nhttp://c.example/z';
    expect(await entriesOf(text, {format: 'aria2'})).to.deep.equal([
      {line: 1, item: {
        url: 'http://a.example/x', mirrors: ['http://b.example/x'], name: 'sub/y.bin', folder: 'pool',
          digests: [{algorithm: 'sha256', hex: SHA256}],
        headers: {'x-one': '1, 4', 'x-two': '2: 3', referer: 'http://r.example/', 'user-agent': 'spec'},
          user: {name: 'elmer', password: 'geheim'},
      }},
      {line: 14, item: {url: 'http://c.example/z', mirrors: []}},
    ]);
  });

  it('refuses an option that it does not know, by name and line', async () => {
    const fault = await faultOf('http://a.example/x\n  out=y\n  bt-tracker=z\n');
    expect(fault).to.match(/^line 3: unknown option 'bt-tracker', expected one of out, dir/);
  });

  it('refuses a wrong checksum, by line', async () => {
    expect(await faultOf('http://a.example/x\n checksum=sha-256=12')).to.match(/^line 2: digest: expected a sha256 digest of 64 hex/);
    expect(await faultOf('http://a.example/x\n checksum=rot13=12')).to.match(/^line 2: algorithm: .*"rot13"/);
    expect(await faultOf('http://a.example/x\n checksum=12')).to.match(/^line 2: checksum: expected <algorithm>=<digest>/);
  });

  it('refuses a header without a colon and does not show it', async () => {
    expect(await faultOf('http://a.example/x\n header=geheim')).to.match(/^line 2: header: expected/).and.not.contain('geheim');
  });

  it('refuses an option before the first address, and one without a value, and reads on', async () => {
    const [first, second, third] = await entriesOf('  out=y\nhttp://a.example/x\n  out\nhttp://b.example/x\n', {format: 'aria2'});
    expect(first?.fault?.message).to.match(/^line 1: option: expected an address before/);
    expect(second?.fault?.message).to.match(/^line 3: option: expected name=value, got "out"/);
    expect(third?.item?.url).to.equal('http://b.example/x');
  });
});
