import type {IndexFormat} from './file-index.js';

/** How a `Packages` list names its packages: each with the path from the archive's folder on. */
export const packagesIndex: IndexFormat = {
  what: 'a list of packages',
  fields: ['filename', 'sha256'],
  filesOf: (stanza) => {
    const [name = ''] = stanza.get('filename') ?? [];
    const [hex = ''] = stanza.get('sha256') ?? [];
    return name === '' || !/^[0-9a-f]{64}$/i.test(hex) ? [] : [{name: name.replace(/^\.\//, ''), hex}];
  },
};
