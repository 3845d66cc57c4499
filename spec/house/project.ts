import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {join, relative, sep} from 'node:path';
import ts from 'typescript';

/** The folder of package.json, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The files below a folder of the project whose names end so, as sorted paths from the root; none when it doesn't exist. */
export function filesIn(folder: string, ending: string): string[] {
  const start = join(ROOT, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** The text of a file of the project. */
export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** One way into the package. */
export interface EntryPoint {
  /** What is imported: `jupiter-download`, `jupiter-download/testing` … */
  readonly name: string;
  /** Its index: `src/index.ts`, `src/testing/index.ts` … */
  readonly source: string;
  /** The committed list of what it exports. */
  readonly names: string;
}

/** The entry points of package.json that are modules. */
export function entryPoints(): EntryPoint[] {
  const {name, exports} = JSON.parse(textOf('package.json')) as {name: string; exports: Record<string, string | {default: string}>};
  return Object.entries(exports).flatMap(([path, target]) => typeof target === 'string' ? [] : [{
    name: name + path.slice(1),
    source: target.default.replace(/^\.\/dist\/(.*)\.js$/, 'src/$1.ts'),
    names: `spec/house/public-names${path.slice(1).replaceAll('/', '-')}.txt`,
  }]);
}

/** The compiler options of tsconfig.json, with some replaced. */
export function compilerOptions(overrides: ts.CompilerOptions = {}): ts.CompilerOptions {
  const {config} = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {config: object};
  return {...ts.parseJsonConfigFileContent({...config, include: [], files: []}, ts.sys, ROOT).options, ...overrides};
}

/** A compiler program over everything in src. */
export function sourceProgram(): ts.Program {
  return ts.createProgram(filesIn('src', '.ts').map((path) => join(ROOT, path)), compilerOptions());
}
