import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../run.js';
import { defaultTagOf, descriptionOf, oneLine } from './declarations.js';

/** One option, as the comment above its declaration tells it. */
export interface OptionDescription {
  readonly name: string;
  readonly type: string;
  /** What applies when it is left out; `required` when it may not be; empty when nothing is said. */
  readonly standard: string;
  /** The first sentence about it; empty when nothing is said. */
  readonly sentence: string;
}

/** Finds the options that `path#Name` declares. */
export type DescribeOptions = (path: string, name: string) => OptionDescription[];

const DEFAULT = /(?:^|\s)Default: /;
/** Up to the first end of a sentence; a dot inside a word, such as that of `limits.calls`, ends none. */
const SENTENCE = /^.*?[.!?](?=\s|$)/;

/**
 * Reads the sources of options with the compiler, so that inherited and picked members are found as well.
 *
 * @param paths the sources, from the project's folder
 */
export function readOptions(paths: readonly string[]): DescribeOptions {
  const file = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(file.config, ts.sys, ROOT);
  const program = ts.createProgram(
    paths.map((path) => join(ROOT, path)),
    options,
  );
  const checker = program.getTypeChecker();
  return (path, name) => {
    const source = program.getSourceFile(join(ROOT, path));
    if (source === undefined) throw new Error(`there is no file ${path}`);
    const found = source.statements
      .filter((statement) => ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement))
      .find((statement) => statement.name.text === name);
    if (found === undefined) throw new Error(`${path} declares no ${name}`);
    const properties = checker.getPropertiesOfType(checker.getTypeAtLocation(found.name));
    if (properties.length === 0) throw new Error(`${name} in ${path} has no members`);
    return properties.map((property) => describe(property, checker));
  };
}

function describe(property: ts.Symbol, checker: ts.TypeChecker): OptionDescription {
  const [declaration] = property.declarations ?? [];
  if (declaration === undefined) throw new Error(`${property.name} is declared nowhere`);
  const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
  const [prose = '', inProse] = descriptionOf(declaration).split(DEFAULT);
  const tag = defaultTagOf(declaration);
  const fallback = inProse === undefined ? '' : firstSentence(inProse).replace(/\.$/, '');
  const standard = tag === undefined ? fallback : asCode(tag);
  return {
    name: property.name,
    type: typeOf(property, declaration, checker),
    standard: standard === '' && !isOptional ? 'required' : standard,
    sentence: firstSentence(prose),
  };
}

function typeOf(property: ts.Symbol, declaration: ts.Declaration, checker: ts.TypeChecker): string {
  const node = ts.isPropertySignature(declaration) ? declaration.type : undefined;
  if (node === undefined) return checker.typeToString(checker.getTypeOfSymbol(property));
  const [type = node, otherwise] = ts.isUnionTypeNode(node) ? node.types : [];
  if (otherwise?.kind === ts.SyntaxKind.UndefinedKeyword && ts.isIndexedAccessTypeNode(type)) {
    const named = checker.getTypeAtLocation(type.objectType).getProperty(memberOf(type));
    const [original] = named?.declarations ?? [];
    if (named !== undefined && original !== undefined) return typeOf(named, original, checker);
  }
  return oneLine(node.getText()).replace(/ \| undefined$/, '');
}

/** The member that `Type['member']` takes the type of. */
function memberOf({ indexType }: ts.IndexedAccessTypeNode): string {
  return indexType.getText().slice(1, -1);
}

function firstSentence(text: string): string {
  return (SENTENCE.exec(text)?.[0] ?? text).trim();
}

/** The value in code font; words in parentheses behind it stay words. */
function asCode(standard: string): string {
  const [, value = standard, words = ''] = /^(\S+)( \(.+\))$/.exec(standard) ?? [];
  return `\`${value}\`${words}`;
}
