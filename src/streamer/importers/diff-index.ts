import {namedFiles, type IndexFormat} from './file-index.js';

/**
 * How the `Index` of a folder of list diffs (`Packages.diff/Index`) names them: packed under `Download`, unpacked under
 * `Patches`. Those that lead from each version to the next stand apart where there are merged ones beside them.
 *
 * @param folder the path that they are looked up with
 */
export function diffIndex(folder: string): IndexFormat {
  const fields = ['', 'x-unmerged-'].flatMap((kind) => [`${kind}sha256-download`, `${kind}sha256-patches`]);
  return {
    what: 'an index of list diffs',
    fields,
    filesOf: (stanza) => fields.flatMap((field) => namedFiles(folder, stanza.get(field))),
  };
}
