import { format } from 'prettier';
import { compareVersions } from './cells.js';
import { ROWS } from './rows.js';
import type { CellResult } from './run-cell.js';

/** Renders docs/sdk-versions.md from a run of all cells in which nothing has failed. */
export function renderPage(results: readonly CellResult[]): Promise<string> {
  const servers = versionsOf(results, 'server');
  const rows = versionsOf(results, 'client').map((client) => [
    `client ${client}`,
    ...servers.map((server) => cellText(find(results, client, server))),
  ]);
  const header = ['', ...servers.map((version) => `server ${version}`)];
  return format([INTRODUCTION, rowList(), table([header, ...rows]), gapList(results)].join('\n\n'), {
    parser: 'markdown',
    printWidth: 110,
  });
}

const INTRODUCTION = `# Versions of the MCP SDK

<!-- Made by \`pnpm test:sdks --write\` from a run of every cell. Do not edit. -->

Clients and servers of these releases work together through a tessera, over HTTP, in sessions (MCP 2025-11-25 and
earlier). Version 1 is \`@modelcontextprotocol/sdk\`; version 2 is \`@modelcontextprotocol/client\` and
\`@modelcontextprotocol/server\`. A cell says how many rows were checked, all of which work, and which revision of
the protocol the two agree on.`;

function rowList(): string {
  return `The rows: ${Object.keys(ROWS).join(', ')}.`;
}

function versionsOf(results: readonly CellResult[], side: 'client' | 'server'): string[] {
  return [...new Set(results.map((result) => result[side].version))].sort(compareVersions);
}

function find(results: readonly CellResult[], client: string, server: string): CellResult | undefined {
  return results.find((result) => result.client.version === client && result.server.version === server);
}

function cellText(result: CellResult | undefined): string {
  if (result === undefined) return '';
  const worked = result.outcomes.filter(({ gap }) => gap === undefined).length;
  return `${String(worked)} (${result.protocolVersion})`;
}

function gapList(results: readonly CellResult[]): string {
  const lines = results.flatMap(({ outcomes }) =>
    outcomes.flatMap(({ gap }) =>
      gap === undefined ? [] : [`- ${gap.side} ${gap.version}, ${gap.row}: ${gap.reason}`],
    ),
  );
  return `What a release cannot do itself; that it is told so was checked in place of the row:\n\n${[...new Set(lines)].join('\n')}`;
}

function table([header = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
