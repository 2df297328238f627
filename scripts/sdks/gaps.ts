import assert from 'node:assert/strict';
import type { Release } from './releases.js';
import type { World } from './world.js';

/** Something that a release cannot do itself, whoever it talks to. */
export interface Gap {
  readonly side: 'client' | 'server';
  readonly version: string;
  readonly row: string;
  readonly reason: string;
  /** Proves it: what happens instead of the row. */
  readonly prove: (world: World) => Promise<void>;
}

const GAPS: readonly Gap[] = [
  {
    side: 'client',
    version: '1.10.0',
    row: 'elicitation',
    reason: 'the release has no elicitation',
    prove: async ({ client }) => {
      assert.equal(client.knows('elicitation/create'), false);
      const { text, isError } = await client.callTool('ask-user', 'A question');
      assert.equal(isError, true);
      assert.match(text, /Client does not support .*elicitation/);
    },
  },
];

/** Why a row cannot work between two releases; nothing when it must. */
export function gapOf(
  row: string,
  releases: { readonly client: Release; readonly server: Release },
): Gap | undefined {
  return GAPS.find((gap) => gap.row === row && gap.version === releases[gap.side].version);
}

/** The newest revision of the protocol a release speaks, where it is not the last one that has sessions. */
const REVISIONS: Readonly<Partial<Record<string, string>>> = {
  '1.10.0': '2024-11-05',
  '1.18.0': '2025-06-18',
};

const LAST_WITH_SESSIONS = '2025-11-25';

/** The revision two releases must agree on: the newest that both speak. */
export function revisionOf(client: Release, server: Release): string {
  const [older = LAST_WITH_SESSIONS] = [client, server]
    .map(({ version }) => REVISIONS[version] ?? LAST_WITH_SESSIONS)
    .sort();
  return older;
}
