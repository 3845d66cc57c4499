import {expect} from 'chai';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import ts from 'typescript';
import {ROOT, sourceProgram, textOf} from './project.js';

const LIST = 'spec/house/public-names.txt';

/** `value Download`, `type Reply` …: a class is a value, an interface a type. */
function publicNames(): string[] {
  const program = sourceProgram();
  const checker = program.getTypeChecker();
  const index = program.getSourceFile(join(ROOT, 'src/index.ts'));
  const module = index === undefined ? undefined : checker.getSymbolAtLocation(index);
  if (module === undefined) throw new Error('src/index.ts: not a module');
  return checker.getExportsOfModule(module).map((symbol) => `${isValue(symbol, checker) ? 'value' : 'type'} ${symbol.name}`).sort();
}

function isValue(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  const typeOnly = symbol.declarations?.some((at) => ts.isExportSpecifier(at) && (at.isTypeOnly || at.parent.parent.isTypeOnly)) ?? false;
  const target = (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
  return !typeOnly && (target.flags & ts.SymbolFlags.Value) !== 0;
}

describe('public names', () => {
  it(`src/index.ts exports what ${LIST} lists (UPDATE=1 rewrites it)`, function test() {
    this.timeout(60_000);
    const names = publicNames();
    if (process.env.UPDATE === '1') writeFileSync(join(ROOT, LIST), `${names.join('\n')}\n`);
    expect(names).to.deep.equal(textOf(LIST).trim().split('\n'));
  });
});
