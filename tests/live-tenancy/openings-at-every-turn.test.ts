import { createTessera, generateToken, type Tessera } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { initializeMessage } from '../session-era/helpers/messages.js';
import { edgeRequest, turns } from './helpers/client.js';
import { SDKS, type Sdk } from './helpers/servers.js';

/** More microtasks than a session takes from its request to its answer; the test checks that. */
const MICROTASKS = 120;

const opened: Tessera[] = [];

afterEach(async () => {
  for (const tessera of opened.splice(0)) await tessera.close();
});

interface Outcome {
  /** When the server was made, and when access was removed. */
  readonly trace: string;
  readonly status: number;
  readonly activeSessions: number;
}

const REMOVALS: Readonly<Record<string, (tessera: Tessera, token: string) => unknown>> = {
  'its tenant': (tessera) => tessera.removeTenant('acme'),
  'its token': (tessera, token) => tessera.removeToken(token),
};

/** Asks for a session, and removes what it would hang on after so many microtasks. */
async function removeAfter(microtasks: number, what: string, sdk: Sdk): Promise<Outcome> {
  const trace: string[] = [];
  const tessera = createTessera();
  opened.push(tessera);
  const token = generateToken();
  const server = async (): Promise<ReturnType<Sdk['make']>> => {
    trace.push('made');
    await Promise.resolve();
    return sdk.make('acme', {});
  };
  tessera.addTenant({ id: 'acme', server, tokens: [token] });
  const answering = tessera.handle(edgeRequest({ token, message: initializeMessage() }));
  for (let microtask = 0; microtask < microtasks; microtask += 1) await Promise.resolve();
  REMOVALS[what]?.(tessera, token);
  trace.push('removed');
  const { status } = await answering;
  await turns();
  return { trace: trace.join(', '), status, activeSessions: tessera.getStats().activeSessions };
}

/** What comes of removals after every number of microtasks, without repetitions. */
async function everyOutcome(what: string, sdk: Sdk): Promise<string[]> {
  const outcomes = new Set<string>();
  for (let microtasks = 0; microtasks < MICROTASKS; microtasks += 1) {
    const { trace, status, activeSessions } = await removeAfter(microtasks, what, sdk);
    outcomes.add(`${trace}: ${String(status)}, ${String(activeSessions)} sessions`);
  }
  return [...outcomes].sort();
}

describe.each(SDKS)('A session whose access is removed while it is being opened ($name)', (sdk) => {
  it.each(Object.keys(REMOVALS))('Is not there after %s was removed.', async (what) => {
    const outcomes = await everyOutcome(what, sdk);
    expect(outcomes.filter((outcome) => !outcome.endsWith(', 0 sessions'))).toEqual([]);
    // The removals came before the server was made, while it was, and after the answer.
    expect(outcomes).toContain('removed: 401, 0 sessions');
    expect(outcomes).toContain('made, removed: 401, 0 sessions');
    expect(outcomes).toContain('made, removed: 200, 0 sessions');
  });

  it.each(Object.keys(REMOVALS))('Has no server made after %s was removed.', async (what) => {
    const outcomes = await everyOutcome(what, sdk);
    expect(outcomes.filter((outcome) => outcome.startsWith('removed, made'))).toEqual([]);
  });
});
