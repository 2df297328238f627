import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { descriptionOf, escapeCell, oneLine } from './docs/declarations.js';
import { ROOT } from './run.js';

/** One event of an interface, as its source says it. */
interface EventDescription {
  readonly name: string;
  readonly payload: string;
  readonly description: string;
}

const CORE = 'packages/core/src/events/tessera-events.ts';
const PER_BEARER = 'packages/core/src/per-bearer/per-bearer-events.ts';

/** The page about events, made from the interfaces that declare them. */
export async function renderEventsPage(): Promise<string> {
  const core = await parse(CORE);
  const perBearer = await parse(PER_BEARER);
  const lines = [
    '# Events',
    '',
    'Made from the event maps by `pnpm docs:events`. A listener that throws or rejects is reported and affects',
    'nobody else; `emit` neither throws nor waits.',
    '',
    '## The one-line server',
    '',
    'Listeners get the arguments in the second column. `token` is the token as it was added; with `redactTokens`',
    'it is a fingerprint.',
    '',
    ...table('Arguments', eventsOf(perBearer, 'PerBearerEvents')),
    '',
    '### Payloads',
    '',
    ...payloadsOf(perBearer),
    '## A tessera',
    '',
    'Listeners get one object. Tokens appear as `tokenId` and `fingerprint`, never as themselves.',
    '',
    ...table('Payload', eventsOf(core, 'TesseraEvents')),
    '',
    '### Shared payloads',
    '',
    ...payloadsOf(core),
  ];
  return lines.join('\n');
}

async function parse(path: string): Promise<ts.SourceFile> {
  const text = await readFile(join(ROOT, path), 'utf8');
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

function interfacesOf(source: ts.SourceFile): ts.InterfaceDeclaration[] {
  return source.statements.filter(ts.isInterfaceDeclaration);
}

function eventsOf(source: ts.SourceFile, map: string): EventDescription[] {
  const found = interfacesOf(source).find(({ name }) => name.text === map);
  if (found === undefined) throw new Error(`There is no interface ${map} in ${source.fileName}.`);
  return propertiesOf(found);
}

/** The interfaces beside the map that payloads are made of. */
function payloadsOf(source: ts.SourceFile): string[] {
  return interfacesOf(source)
    .filter(({ name }) => !name.text.endsWith('Events'))
    .flatMap((declaration) => [
      `- \`${declaration.name.text}\`${extensionOf(declaration)}: ${propertiesOf(declaration)
        .map(({ name, payload }) => `\`${name}: ${payload}\``)
        .join(', ')}. ${descriptionOf(declaration)}`,
      '',
    ]);
}

function extensionOf(declaration: ts.InterfaceDeclaration): string {
  const [clause] = declaration.heritageClauses ?? [];
  return clause === undefined ? '' : ` (\`${clause.types.map((type) => type.getText()).join(', ')}\` and)`;
}

function propertiesOf(declaration: ts.InterfaceDeclaration): EventDescription[] {
  return declaration.members.filter(ts.isPropertySignature).map((member) => ({
    name: member.name.getText() + (member.questionToken === undefined ? '' : '?'),
    payload: oneLine(member.type?.getText() ?? ''),
    description: descriptionOf(member),
  }));
}

function table(second: string, events: readonly EventDescription[]): string[] {
  return [
    `| Event | ${second} | When |`,
    '| --- | --- | --- |',
    ...events.map(
      ({ name, payload, description }) =>
        `| \`${name}\` | \`${escapeCell(payload)}\` | ${escapeCell(description)} |`,
    ),
  ];
}
