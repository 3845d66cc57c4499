import {expect} from 'chai';
import {resolveUser, type PasswordSources} from '../../src/cli/password.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

describe('resolveUser', () => {
  const folder = useTempFolder();
  const asked: string[] = [];
  const ask = async (question: string): Promise<string> => {
    asked.push(question);
    return 'typed';
  };
  const resolve = async (sources: Partial<PasswordSources>): Promise<string | undefined> => {
    const user = await resolveUser({user: undefined, passwordFile: undefined, env: {}, ask: undefined, ...sources});
    return user && `${user.name}:${user.password.reveal()}`;
  };
  const messageOf = async (sources: Partial<PasswordSources>): Promise<string> =>
    resolve(sources).then(() => 'no fault', (error: unknown) => (error as Error).message);

  it('takes the password behind the name, even an empty one, and one with colons', async () => {
    expect(await resolve({user: 'elmer:ge:heim', env: {JUPITER_PASSWORD: 'env'}, ask})).to.equal('elmer:ge:heim');
    expect(await resolve({user: 'elmer:', ask})).to.equal('elmer:');
    expect(await resolve({})).to.equal(undefined);
  });

  it('takes the first line of the file, then the variable, then asks', async () => {
    const passwordFile = await folder.write('password', 'geheim \nsecond\n');
    expect(await resolve({user: 'elmer', passwordFile, env: {JUPITER_PASSWORD: 'env'}, ask})).to.equal('elmer:geheim ');
    expect(await resolve({user: 'elmer', env: {JUPITER_PASSWORD: 'env'}, ask})).to.equal('elmer:env');
    expect(asked).to.deep.equal([]);
    expect(await resolve({user: 'elmer', ask})).to.equal('elmer:typed');
    expect(asked).to.deep.equal(['Password for elmer: ']);
  });

  it('refuses what contradicts itself or leads nowhere', async () => {
    const sources = '--user: expected a password from --password-file';
    expect(await messageOf({user: 'elmer'})).to.equal(`${sources}, JUPITER_PASSWORD or a terminal, got none`);
    expect(await messageOf({user: 'elmer', ask: false})).to.equal(`${sources} or JUPITER_PASSWORD, got none`);
    expect(await resolve({user: 'elmer', ask: false, env: {JUPITER_PASSWORD: 'env'}})).to.equal('elmer:env');
    expect(await messageOf({passwordFile: 'x'})).to.match(/^--password-file: expected --user NAME beside it/);
    expect(await messageOf({user: 'elmer:geheim', passwordFile: 'x'})).to.match(/^--user: expected a name alone/).and.not.contain('geheim');
    expect(await messageOf({user: 'elmer', passwordFile: folder.join('none')})).to.match(/^--password-file: expected a readable file/);
  });
});
