import {posix} from 'node:path';
import ts from 'typescript';

/** One import as it stands in a file. */
export interface ImportLine {
  /** The importing file, from the root: `src/core/router.ts`. */
  readonly from: string;
  /** The imported file from the root, or the name of a package. */
  readonly to: string;
  /** Erased by the compiler. */
  readonly typeOnly: boolean;
}

/** Folder of src → its floor. The towers and the roof have rules of their own. */
const FLOORS: Readonly<Record<string, number>> = {
  core: 0, policy: 1, sql: 1, writer: 1, validation: 1, monitor: 1,
  download: 2, delegate: 3, batch: 3, testing: 3, compose: 4, factory: 5, streamer: 6,
};
const TOWERS: Readonly<Record<string, readonly string[]>> = {catalogue: ['core', 'policy', 'sql'], preferences: ['core', 'sql']};
/** Package → the only place that may import it. */
const OWNERS: Readonly<Record<string, RegExp>> = {
  got: /^src\/download\/http-transport\.ts$/,
  commander: /^src\/cli\//,
  'cli-progress': /^src\/cli\//,
  saxes: /^src\/policy\/metalink-reader\.ts$/,
  'xz-decompress': /^src\/streamer\/importers\/stanzas\.ts$/,
  'structured-headers': /^src\/validation\/digest-field\.ts$/,
  kysely: /^src\/(?:sql|catalogue\/store|preferences\/(?:store|central))\//,
  libsql: /^src\/sql\//,
  pg: /^src\/sql\//,
  'node:test': /^$/,
};

/** Every import, export-from, import type and dynamic import of a text. */
export function importsOf(from: string, text: string): ImportLine[] {
  const lines: ImportLine[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) lines.push({from, to: targetOf(from, specifier.text), typeOnly});
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(from, text, ts.ScriptTarget.ESNext, true));
  return lines;
}

function targetOf(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
  return specifier.startsWith('@') ? specifier.split('/', 2).join('/') : specifier.split('/', 1)[0] ?? specifier;
}

/** What is wrong with an import of a file in src, or undefined. */
export function faultOf({from, to}: ImportLine): string | undefined {
  const fault = to.includes('/') && !to.startsWith('@') ? fileFault(from, to) : packageFault(from, to);
  return fault === undefined ? undefined : `${from} imports ${to}: ${fault}`;
}

function packageFault(from: string, name: string): string | undefined {
  const owner = OWNERS[name];
  return owner === undefined || owner.test(from) ? undefined : `only ${owner.source} may`;
}

function fileFault(from: string, to: string): string | undefined {
  if (!to.startsWith('src/')) return 'src stands alone';
  const [above, below] = [folderOf(from), folderOf(to)];
  if (above === below) return undefined;
  if (below === 'testing') return 'testing is an entry of its own, and no part of what it tests';
  if (above === 'index.ts' || above === 'cli') return undefined;
  if (below === 'index.ts' || below === 'cli') return 'the roof is above everything';
  const tower = TOWERS[above];
  if (tower !== undefined) return tower.includes(below) ? undefined : `${above} stands on ${tower.join(' and ')} only`;
  const [high, low] = [FLOORS[above], FLOORS[below]];
  if (high === undefined) return `folder ${above} has no floor`;
  if (low === undefined) return below in TOWERS ? 'nothing stands on a side tower' : `folder ${below} has no floor`;
  return low < high ? undefined : `floor ${high} may not import floor ${low}`;
}

function folderOf(path: string): string {
  return path.split('/')[1] ?? path;
}

/** The import cycles that exist at run time, each as `a → b → a`. */
export function cyclesIn(lines: readonly ImportLine[]): string[] {
  const edges = group(lines);
  const cycles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) cycles.push([...path.slice(at), file].join(' → '));
    if (at >= 0 || done.has(file)) return;
    for (const next of edges.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) walk(file, []);
  return cycles;
}

function group(lines: readonly ImportLine[]): Map<string, string[]> {
  const edges = new Map<string, string[]>();
  for (const {from, to, typeOnly} of lines) {
    if (typeOnly || !to.startsWith('src/')) continue;
    edges.set(from, [...edges.get(from) ?? [], to]);
  }
  return edges;
}
