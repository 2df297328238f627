import { format, resolveConfig } from 'prettier';

/** The page about a whole run. */
export async function renderLeaks(lines: readonly string[]): Promise<string> {
  const rows = lines.map((line) => `- ${line}`);
  const text = `# What stays of a session

<!-- Made by \`pnpm test:leak --write\` from a whole run, on Node ${process.versions.node}. Do not edit. -->

Sessions are opened, used and ended a great many times, in each way in which they can end, and what stays of them is
looked at: the heap after a garbage collection, server instances that were never collected, what the tessera says is
open, timers, sockets and descriptors. A tenth of the servers is written with SDK v1, the others with SDK v2.

${rows.join('\n')}
`;
  return format(text, { ...(await resolveConfig('docs/leaks.md')), parser: 'markdown' });
}
