import {expect} from 'chai';
import {checkOptional, requireOptional, requireOptionalNow} from '../../src/sql/require-optional.js';
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

describe('requireOptionalNow', () => {
  const folder = useTempFolder();

  it('loads what is installed, at once', () => {
    expect(requireOptionalNow('zod', 'a spec')).to.have.property('z');
  });

  it('says what to install, and lets through what a package that is there throws', async () => {
    expect(() => requireOptionalNow('no-such-package', 'preferences'))
      .to.throw('install no-such-package to use preferences: npm install no-such-package').with.property('code', 'ERR_OPTIONAL_MISSING');
    const broken = await folder.write('broken.cjs', 'throw new RangeError("broken")');
    expect(() => requireOptionalNow(broken, 'a spec')).to.throw(RangeError, 'broken');
    const missing = await folder.write('missing.cjs', 'require("no-such-package");');
    expect(() => requireOptionalNow(missing, 'a spec')).to.throw().with.property('code', 'MODULE_NOT_FOUND');
  });
});

describe('checkOptional', () => {
  it('names all that is missing in one message, and loads nothing', () => {
    const check = (...names: string[]) => () => { checkOptional(names, 'a spec'); };
    expect(check('kysely', 'zod')).to.not.throw();
    expect(check('no-one', 'zod', '@no/two')).to.throw('install no-one and @no/two to use a spec: npm install no-one @no/two')
      .with.property('code', 'ERR_OPTIONAL_MISSING');
    expect(check('no-one', '@no/two', 'no-three')).to.throw('install no-one, @no/two and no-three to use a spec: npm install no-one @no/two no-three')
      .with.nested.property('cause.code', 'MODULE_NOT_FOUND');
    expect(check('no-one')).to.throw('install no-one to use a spec: npm install no-one');
  });
});
