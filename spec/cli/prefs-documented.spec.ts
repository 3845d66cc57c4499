import {expect} from 'chai';
import {PREFERENCES_CODES} from '../../src/preferences/preferences-codes.js';
import {downloadRegistry} from '../../src/preferences/registry/download-registry.js';
import {textOf} from '../house/project.js';

describe('docs/reference/preferences.md', () => {
  const lines = textOf('docs/reference/preferences.md').split('\n');

  it('has every setting with its default and exposure, every group and every error code', () => {
    const {settings, groups} = downloadRegistry();
    const rows = settings.map(({name, default: fallback, exposure, protective, globalisable, summary}) => {
      const words = [exposure, ...protective && exposure !== 'secret' ? ['protects'] : [], ...globalisable ? [] : ['never global']];
      return `| \`${name}\` | ${fallback === 'null' ? 'none' : `\`${fallback}\``} | ${words.join(', ')} | ${summary} |`;
    });
    const codes = Object.entries(PREFERENCES_CODES).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
    const named = [...groups].map(([name, members]) => `\`${name}\` (${members.length})`).join(', ');
    expect([...rows, ...codes, `Groups, changed together: ${named}.`].filter((line) => !lines.includes(line))).to.deep.equal([]);
  });
});
