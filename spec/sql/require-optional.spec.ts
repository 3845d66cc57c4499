import {expect} from 'chai';
import {requireOptional} from '../../src/sql/require-optional.js';
import {useTempFolder} from '../../src/testing/index.js';
import {rejection} from '../support/rejection.js';

describe('requireOptional', () => {
  const folder = useTempFolder();

  it('loads what is installed', async () => {
    expect(await requireOptional<{Kysely: unknown}>('kysely', 'a spec')).to.have.property('Kysely');
  });

  it('says what to install, and for what, when it is missing', async () => {
    const error = await rejection(requireOptional('no-such-package', 'a catalogue in a file'));
    expect(error).to.include({code: 'ERR_OPTIONAL_MISSING', message: 'install no-such-package to use a catalogue in a file: npm install no-such-package'});
    expect(error.cause).to.have.property('code', 'ERR_MODULE_NOT_FOUND');
  });

  it('lets through what a package that is there throws: a bug of it, or a package that it misses itself', async () => {
    const broken = await folder.write('broken.mjs', 'throw new RangeError("broken")');
    expect(await rejection(requireOptional(broken, 'a spec'))).to.be.instanceOf(RangeError);
    const missing = await folder.write('missing.mjs', 'import "no-such-package";');
    expect(await rejection(requireOptional(missing, 'a spec'))).to.include({code: 'ERR_MODULE_NOT_FOUND'});
  });
});
