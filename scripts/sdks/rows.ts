import assert from 'node:assert/strict';
import type { Tessera } from '../../packages/core/src/index.js';
import { GREETING, NOTES, toolsOn } from './servers/stage.js';
import { until } from './until.js';
import { TENANT, type World } from './world.js';

/** One thing that works between a client and a server, or does not. */
export type Row = (world: World, expected: Expected) => Promise<void>;

/** What differs between releases. */
interface Expected {
  readonly protocolVersion: string;
}

/** Everything that is checked, in this order, in one session: the first row opens it, the last one ends it. */
export const ROWS: Readonly<Record<string, Row>> = {
  connect,
  'tools/list': toolsList,
  'tools/call': toolsCall,
  progress,
  cancellation,
  logging,
  sampling,
  elicitation,
  roots,
  'resources/read': resourcesRead,
  'prompts/get': promptsGet,
  completion,
  subscription,
  list_changed: listChanged,
  termination,
};

async function connect({ client, tessera, negotiated }: World, { protocolVersion }: Expected): Promise<void> {
  await client.connect();
  assert.equal(negotiated(), protocolVersion);
  assert.deepEqual(sessionsOf(tessera), [client.sessionId()]);
}

async function toolsList({ client, stage }: World): Promise<void> {
  assert.deepEqual(await client.listTools(), Object.keys(toolsOn(stage)));
}

async function toolsCall({ client }: World): Promise<void> {
  assert.deepEqual(await client.callTool('echo', 'grüße'), { text: 'echo: grüße', isError: false });
}

async function progress({ client }: World): Promise<void> {
  const steps: unknown[] = [];
  const { text } = await client.callTool('steps', 'done', {
    onprogress: (told) => steps.push([told.progress, told.total]),
  });
  assert.equal(text, 'done');
  assert.deepEqual(steps, [
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
}

async function cancellation({ client, stage, tessera }: World): Promise<void> {
  const abort = new AbortController();
  const call = client.callTool('hold', '', { signal: abort.signal });
  const rejected = assert.rejects(call);
  await until('the call is held', () => stage.held.length === 1);
  assert.equal(stage.held[0]?.aborted, false);
  abort.abort();
  await rejected;
  await until("the handler's signal fires", () => stage.held[0]?.aborted === true);
  await until('no call is in flight', () => tessera.getStats().callsInFlight === 0);
}

async function logging({ client }: World): Promise<void> {
  await client.setLogLevel('warning');
  await client.callTool('talk', 'line');
  const told = client.notifications.filter(({ method }) => method === 'notifications/message');
  assert.deepEqual(
    told.map(({ params }) => [params?.['level'], params?.['data']]),
    [
      ['warning', 'line warning'],
      ['error', 'line error'],
    ],
  );
}

async function sampling({ client }: World): Promise<void> {
  const { model, role, content } = await asked(client, 'ask-model');
  assert.deepEqual(
    { model, role, content },
    { model: 'a model', role: 'assistant', content: { type: 'text', text: 'The model says hello.' } },
  );
}

async function elicitation({ client }: World): Promise<void> {
  const { action, content } = await asked(client, 'ask-user');
  assert.deepEqual({ action, content }, { action: 'accept', content: { colour: 'green' } });
}

async function roots({ client }: World): Promise<void> {
  const answer = await asked(client, 'ask-roots');
  assert.deepEqual(answer['roots'], [{ uri: 'file:///garden', name: 'garden' }]);
}

async function resourcesRead({ client }: World): Promise<void> {
  assert.equal(await client.readResource(NOTES.uri), NOTES.text);
}

async function promptsGet({ client }: World): Promise<void> {
  const text = await client.getPrompt(GREETING.name, { [GREETING.argument]: 'Rome' });
  assert.equal(text, 'Hello from Rome.');
}

async function completion({ client }: World): Promise<void> {
  const values = await client.complete(GREETING.name, { name: GREETING.argument, value: 'P' });
  assert.deepEqual(values, ['Porto', 'Prague']);
}

async function asked(client: World['client'], tool: string): Promise<Readonly<Record<string, unknown>>> {
  const { text, isError } = await client.callTool(tool, 'A question');
  assert.equal(isError, false, text);
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}

async function subscription({ client, stage, tessera }: World): Promise<void> {
  const { uri } = NOTES;
  const updates = (): unknown[] =>
    client.notifications
      .filter(({ method }) => method === 'notifications/resources/updated')
      .map(({ params }) => params?.['uri']);
  await client.subscribe(uri);
  assert.deepEqual([...stage.subscribed], [uri]);
  await stage.sendResourceUpdated(uri);
  await until("the server's update comes", () => updates().length === 1);
  tessera.notify(TENANT).resourceUpdated(uri);
  await until("the tessera's update comes", () => updates().length === 2);
  await client.unsubscribe(uri);
  assert.deepEqual([...stage.subscribed], []);
  tessera.notify(TENANT).resourceUpdated(uri);
  // An update to all comes behind the one that must not come.
  const changes = (): number =>
    client.notifications.filter(({ method }) => method === 'notifications/prompts/list_changed').length;
  tessera.notify(TENANT).promptsChanged();
  await until('a later notification comes', () => changes() === 1);
  assert.deepEqual(updates(), [uri, uri]);
}

async function listChanged({ client, stage, tessera, make }: World): Promise<void> {
  const sessionId = client.sessionId();
  const changes = (): number =>
    client.notifications.filter(({ method }) => method === 'notifications/tools/list_changed').length;
  assert.equal(changes(), 0);
  await tessera.updateTenant(TENANT, { server: () => make(stage, { name: 'second', more: ['added'] }) });
  await until('the client hears of it', () => changes() === 1);
  assert.deepEqual(await client.listTools(), [...Object.keys(toolsOn(stage)), 'added']);
  assert.deepEqual(await client.callTool('added', 'new'), { text: 'added: new', isError: false });
  assert.equal(client.sessionId(), sessionId);
  assert.deepEqual(sessionsOf(tessera), [sessionId]);
}

async function termination({ client, tessera, url, token }: World): Promise<void> {
  const sessionId = client.sessionId() ?? '';
  await client.terminate();
  assert.deepEqual(sessionsOf(tessera), []);
  await assert.rejects(client.listTools());
  const { status } = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-session-id': sessionId,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  assert.equal(status, 404);
}

function sessionsOf(tessera: Tessera): string[] {
  return tessera.getActiveSessions().map(({ sessionId }) => sessionId);
}
