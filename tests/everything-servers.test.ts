import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import {
  everythingServerV1,
  everythingServerV1ThatReturns,
} from '../packages/testing/fixtures/everything-server-v1.js';
import { everythingServerV2 } from '../packages/testing/fixtures/everything-server-v2.js';
import { askedClient } from './everything-servers/asked-client.js';

const CORE = fileURLToPath(new URL('../packages/core/src', import.meta.url));

/** What a server lists, in full. */
interface Lists {
  readonly tools: readonly { readonly name: string }[];
  readonly resources: readonly { readonly name: string; readonly uri: string }[];
  readonly resourceTemplates: readonly { readonly name: string; readonly uriTemplate: string }[];
  readonly prompts: readonly { readonly name: string }[];
}

async function listsOf(client: Client): Promise<Lists> {
  const { tools } = await client.listTools();
  const { resources } = await client.listResources();
  const { resourceTemplates } = await client.listResourceTemplates();
  const { prompts } = await client.listPrompts();
  return { tools, resources, resourceTemplates, prompts };
}

/** Each SDK names a dialect of its own for its schemas, and v1 says of every tool that it makes no tasks. */
function withoutSdk(lists: Lists): unknown {
  const ofSdk = ['$schema', 'execution'];
  return JSON.parse(
    JSON.stringify(lists, (name, value: unknown) => (ofSdk.includes(name) ? undefined : value)),
  );
}

/** Calls a tool with all that any tool needs. */
async function answerOf(client: Client, name: string): Promise<unknown> {
  const given = { prompt: 'How is the weather?', message: 'Who are you?', region: 'eu-west' };
  return client.callTool({ name, arguments: name === 'json_schema_2020_12_tool' ? {} : given });
}

describe('The everything-servers', () => {
  it('List the same tools, resources and prompts with either SDK, and in either style.', async () => {
    const v1 = await listsOf((await askedClient(everythingServerV1)).client);
    const v2 = await listsOf((await askedClient(everythingServerV2)).client);
    const returning = await listsOf((await askedClient(everythingServerV1ThatReturns)).client);
    expect(withoutSdk(v1)).toEqual(withoutSdk(v2));
    expect(returning).toEqual(v1);
    expect(v1.tools).toHaveLength(28);
    expect(v1.resources).toHaveLength(3);
    expect(v1.resourceTemplates).toHaveLength(1);
    expect(v1.prompts).toHaveLength(5);
  });

  it('Answer every call in the same way with either SDK, and tell and ask the same meanwhile.', async () => {
    const v1 = await askedClient(everythingServerV1);
    const v2 = await askedClient(everythingServerV2);
    for (const { name } of (await v1.client.listTools()).tools) {
      expect(await answerOf(v1.client, name), name).toEqual(await answerOf(v2.client, name));
    }
    expect(v1.told).toHaveLength(15);
    expect(v1.told).toEqual(v2.told);
  });

  it('Are not known to core, which would be no proof of anything then.', async () => {
    const { tools, resources, resourceTemplates, prompts } = await listsOf(
      (await askedClient(everythingServerV1)).client,
    );
    const names = [...tools, ...resources, ...resourceTemplates, ...prompts].map(({ name }) => name);
    const addresses = [
      ...resources.map(({ uri }) => uri),
      ...resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    ];
    const files = (await readdir(CORE, { recursive: true })).filter((file) => file.endsWith('.ts'));
    expect(files).toContain('create-tessera.ts');
    for (const file of files) {
      const source = await readFile(join(CORE, file), 'utf8');
      const known = [...names, ...addresses].filter((name) => source.includes(name));
      expect(known, file).toEqual([]);
    }
  });
});
