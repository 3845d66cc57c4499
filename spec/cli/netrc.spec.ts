import {expect} from 'chai';
import {chmod} from 'node:fs/promises';
import {Netrc} from '../../src/cli/netrc.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

describe('Netrc', () => {
  const folder = useTempFolder();
  const login = (text: string, origin: string): string | undefined => {
    const credential = new Netrc(text).for(origin);
    return credential?.scheme === 'basic' ? `${credential.name}:${credential.password}` : undefined;
  };

  it('gives a host its login, on any port and scheme', () => {
    const text = 'machine a.example login elmer password geheim\nmachine b.example\n  login bugs\n  password carrot\n';
    expect(login(text, 'https://a.example')).to.equal('elmer:geheim');
    expect(login(text, 'http://b.example:8080')).to.equal('bugs:carrot');
    expect(login(text, 'https://c.example')).to.equal(undefined);
    expect(login(text, 'https://x.a.example')).to.equal(undefined);
  });

  it('never gives the default login to anybody', () => {
    expect(login('default login elmer password geheim', 'https://a.example')).to.equal(undefined);
    expect(login('machine b.example login x password y\ndefault login elmer password geheim', 'https://a.example')).to.equal(undefined);
  });

  it('takes the first entry of a host', () => {
    expect(login('machine A.example login one password 1\nmachine a.example login two password 2', 'https://a.example')).to.equal('one:1');
  });

  it('reads quoted words, words like keywords as values, and # at the beginning of a password', () => {
    expect(login('machine a.example login "el mer" password "ge\\"heim"', 'https://a.example')).to.equal('el mer:ge"heim');
    expect(login('machine a.example login login password machine', 'https://a.example')).to.equal('login:machine');
    expect(login('machine a.example login elmer password #geheim # comment', 'https://a.example')).to.equal('elmer:#geheim');
  });

  it('skips comments, accounts and macros', () => {
    const text = '# machine x\nmachine a.example login elmer account z password geheim\nmacdef init\n machine evil\n password 1\n\n'
      + 'machine b.example login u password p';
    expect(login(text, 'https://a.example')).to.equal('elmer:geheim');
    expect(login(text, 'https://b.example')).to.equal('u:p');
    expect(login(text, 'https://evil')).to.equal(undefined);
  });

  it('refuses other words by line, without showing them', () => {
    expect(() => new Netrc('machine a.example\ngeheim x')).to.throw(TypeError, 'netrc line 2: expected machine')
      .with.property('message').not.contain('geheim');
    expect(() => new Netrc('machine a.example login')).to.throw(TypeError, 'netrc line 1: expected a value after login');
  });

  it('reads a file that only its owner may read, and refuses others', async () => {
    const path = await folder.write('netrc', 'machine a.example login elmer password geheim');
    await chmod(path, 0o640);
    const messageOf = async (name: string): Promise<string> =>
      Netrc.load(name).then(() => 'no fault', (error: unknown) => (error as Error).message);
    expect(await messageOf(path)).to.match(/^--netrc: expected a readable file of mode 600, .*\(mode 640\)/);
    await chmod(path, 0o600);
    expect((await Netrc.load(path)).for('https://a.example')).to.include({name: 'elmer'});
    expect(await messageOf(folder.join('none'))).to.contain('ENOENT');
  });

  it('shows no password when it is inspected', async () => {
    const {inspect} = await import('node:util');
    expect(inspect(new Netrc('machine a.example login elmer password geheim'), {depth: 9, showHidden: true})).to.not.contain('geheim');
  });
});
