import {namedFiles, type IndexFormat} from './file-index.js';

/** How a `Sources` list names the files of its source packages: one folder each, and what is in it. */
export const sourcesIndex: IndexFormat = {
  what: 'a list of sources',
  fields: ['directory', 'checksums-sha256'],
  filesOf: (stanza) => {
    const [directory = ''] = stanza.get('directory') ?? [];
    if (directory === '') return [];
    return namedFiles(directory.replace(/^\.\//, '').replace(/\/$/, ''), stanza.get('checksums-sha256'));
  },
};
