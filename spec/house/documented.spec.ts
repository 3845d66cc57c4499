import {expect} from 'chai';
import ts from 'typescript';
import {ERROR_CODES} from '../../src/core/error-codes.js';
import {Event} from '../../src/core/event.js';
import {filesIn, textOf} from './project.js';

/** `path:line name` of every exported declaration of a file that has no doc comment. */
function undocumented(path: string, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  return file.statements.flatMap((statement) => {
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) ?? [] : [];
    const exported = modifiers.some(({kind}) => kind === ts.SyntaxKind.ExportKeyword);
    if (!exported || ts.getJSDocCommentsAndTags(statement).length > 0) return [];
    if (ts.isFunctionDeclaration(statement) && hasDocumentedOverload(file, statement)) return [];
    const {line} = file.getLineAndCharacterOfPosition(statement.getStart());
    return [`${path}:${line + 1} ${nameOf(statement)}`];
  });
}

function hasDocumentedOverload(file: ts.SourceFile, wanted: ts.FunctionDeclaration): boolean {
  return file.statements.some((statement) => ts.isFunctionDeclaration(statement) && statement.name?.text === wanted.name?.text
    && ts.getJSDocCommentsAndTags(statement).length > 0);
}

function nameOf(statement: ts.Statement): string {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({name}) => name.getText()).join(', ');
  return (statement as {name?: ts.Identifier}).name?.text ?? statement.getText().slice(0, 40);
}

describe('documentation', () => {
  const missing = (words: readonly string[], page: string): string[] => {
    const text = textOf(page);
    return words.filter((word) => !text.includes(`\`${word}\``) && !new RegExp(`^#+ .*\\b${word}\\b`, 'm').test(text));
  };

  it('docs/reference/events.md names every event', () => {
    expect(missing(Object.keys(Event), 'docs/reference/events.md')).to.deep.equal([]);
  });

  it('docs/reference/errors.md names every error code', () => {
    expect(missing(Object.keys(ERROR_CODES), 'docs/reference/errors.md')).to.deep.equal([]);
  });

  it('every exported declaration in src has a doc comment', () => {
    expect(filesIn('src', '.ts').flatMap((path) => undocumented(path, textOf(path)))).to.deep.equal([]);
  });

  it('the check itself sees what has none', () => {
    expect(undocumented('a.ts', '/** Yes. */\nexport class A {}\nexport class B {}\n// no\nexport const c = 1;\nclass D {}\n'))
      .to.deep.equal(['a.ts:3 B', 'a.ts:5 c']);
  });
});
