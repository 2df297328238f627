/** A revision of the specification that the suite has requirements of. */
export type Revision = '2025-11-25' | '2026-07-28';

/** A scenario that the suite runs without scoring it. */
interface Unscored {
  readonly scenario: string;
  /** Must have succeeded: without it, such a scenario also ends well where the server does nothing of what it is about. */
  readonly check: string;
}

const JSON_SCHEMA: Unscored = {
  scenario: 'json-schema-2020-12',
  check: 'json-schema-2020-12-$schema',
};

/**
 * The revisions that are proven, and what a cell may have to pass besides the scored scenarios. Extensions are left out:
 * neither SDK has them.
 */
export const UNSCORED: Readonly<Record<Revision, readonly Unscored[]>> = {
  '2025-11-25': [
    { scenario: 'server-session-lifecycle', check: 'server-session-terminated-returns-404' },
    { scenario: 'server-sse-polling', check: 'server-sse-disconnect-resume' },
    JSON_SCHEMA,
  ],
  '2026-07-28': [
    { scenario: 'http-header-validation', check: 'sep-2243-server-reject-invalid-headers' },
    { scenario: 'http-custom-header-server-validation', check: 'sep-2243-server-decode-base64' },
    JSON_SCHEMA,
  ],
};

/** Every revision that is proven. */
const REVISIONS = Object.keys(UNSCORED) as readonly Revision[];

/** The revisions to prove: all, or the one that was asked for. */
export function chosenRevisions(asked: string | undefined): readonly Revision[] {
  if (asked === undefined) return REVISIONS;
  const chosen = REVISIONS.filter((revision) => revision === asked);
  if (chosen.length > 0) return chosen;
  throw new Error(`There are no cells for "${asked}", only for ${REVISIONS.join(' and ')}.`);
}
