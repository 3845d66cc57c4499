import {expect} from 'chai';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import ts from 'typescript';
import {entryPoints, ROOT, sourceProgram, textOf} from './project.js';

/** `value Download`, `type Reply` …: a class is a value, an interface a type. */
function publicNames(program: ts.Program, source: string): string[] {
  const checker = program.getTypeChecker();
  const index = program.getSourceFile(join(ROOT, source));
  const module = index === undefined ? undefined : checker.getSymbolAtLocation(index);
  if (module === undefined) throw new Error(`${source}: not a module`);
  return checker.getExportsOfModule(module).map((symbol) => `${isValue(symbol, checker) ? 'value' : 'type'} ${symbol.name}`).sort();
}

function isValue(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  const typeOnly = symbol.declarations?.some((at) => ts.isExportSpecifier(at) && (at.isTypeOnly || at.parent.parent.isTypeOnly)) ?? false;
  const target = (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
  return !typeOnly && (target.flags & ts.SymbolFlags.Value) !== 0;
}

describe('public names', () => {
  let program: ts.Program;
  before(function make() {
    this.timeout(60_000);
    program = sourceProgram();
  });

  for (const {source, names: list} of entryPoints()) {
    it(`${source} exports what ${list} lists (UPDATE=1 rewrites it)`, function test() {
      this.timeout(60_000);
      const names = publicNames(program, source);
      if (process.env.UPDATE === '1') writeFileSync(join(ROOT, list), `${names.join('\n')}\n`);
      expect(names).to.deep.equal(textOf(list).trim().split('\n'));
    });
  }
});
