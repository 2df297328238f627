/* A tool asks before it buys: servers of both SDKs, clients of both eras, and what `stateless.input` makes of it. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { createTessera, generateToken, type McpServerLike, type StatelessOptions } from '@tessera-mcp/core';
import { serve } from '@tessera-mcp/node';
import { callText, show } from './check.js';
import {
  createAskingServer,
  createModernServer,
  createReturningServer,
  type Shop,
} from './eras/asking-servers.js';
import { connectStateless } from './eras/clients.js';

const answers = { sure: true };
const tea = { item: 'tea' };
// Two processes with one secret, as far as clients can tell.
const keys = { secret: generateToken() };
const [tessera, elsewhere] = [createTessera({ keys }), createTessera({ keys })];
const [served, servedElsewhere] = [await serve(tessera), await serve(elsewhere)];
const url = `${served.origin}/mcp`;

/** A shop whose prices rise by 1 each time somebody asks. */
class RisingShop implements Shop {
  asked = 0;
  readonly paid: number[] = [];

  priceOf(): number {
    this.asked += 1;
    return this.asked;
  }

  pay(price: number): string {
    this.paid.push(price);
    return `Paid ${String(price)}`;
  }
}

function addTenant(
  id: string,
  createServer: (shop: Shop) => McpServerLike,
  stateless: StatelessOptions = {},
): { token: string; shop: RisingShop } {
  const token = generateToken();
  const shop = new RisingShop();
  for (const each of [tessera, elsewhere])
    each.addTenant({ id, server: () => createServer(shop), stateless, tokens: [token] });
  return { token, shop };
}

/** Calls the tool with a client that is sent to the other process once it has been asked. */
async function buyElsewhere(token: string): Promise<string> {
  let origin = served.origin;
  const client = await connectStateless(url, token, {
    answers,
    onAsked: () => {
      ({ origin } = servedElsewhere);
    },
    fetch: (_input, init) => fetch(`${origin}/mcp`, init),
  });
  return callText(client, 'buy', tea)
    .catch((error: unknown) => `Error ${String((error as { code?: number }).code)}`)
    .finally(() => client.close());
}

async function connectInSession(token: string): Promise<Client> {
  const client = new Client({ name: 'example', version: '1.0.0' }, { capabilities: { elicitation: {} } });
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: answers }));
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return client;
}

const rounds: string[] = [];
tessera.on('toolCalled', ({ tenantId, era }) => rounds.push(`${tenantId}, ${era} era`));

for (const [name, createServer] of [
  ['asking', createAskingServer],
  ['returning', createReturningServer],
  ['modern', createModernServer],
] as const) {
  const { token, shop } = addTenant(name, createServer);
  const client = await connectStateless(url, token, { answers });
  show(`${name}, without a session`, await callText(client, 'buy', tea), 'Paid 1');
  show('it came in two rounds', rounds.splice(0, 2), Array(2).fill(`${name}, stateless era`));
  await client.close();
  if (name !== 'returning') {
    const inSession = await connectInSession(token);
    show(`${name}, in a session`, await callText(inSession, 'buy', tea), 'Paid 2');
    show('it came in one', rounds.splice(0, 1), [`${name}, session era`]);
    await inSession.close();
  }
  show('prices were asked for as often as something was bought', shop.asked, shop.paid.length);
  if (name !== 'asking') {
    show('in another process', (await buyElsewhere(token)).slice(0, 4), 'Paid');
    show('the first round was here', rounds.splice(0), [`${name}, stateless era`]);
  }
}

const parked = addTenant('parked', createAskingServer, { input: 'park' });
const waiting: number[] = [];
const onAsked = (): unknown => waiting.push(tessera.getStats().parkedCalls);
const first = await connectStateless(url, parked.token, { answers, onAsked });
show('with "park"', await callText(first, 'buy', tea), 'Paid 1');
show('a call waits while its client is asked', waiting, [1]);

show('in another process', await buyElsewhere(parked.token), 'Error -32602');
show('nothing more is paid', parked.shop.paid, [1]);

const replayed = addTenant('replayed', createAskingServer, { input: 'replay' });
const second = await connectStateless(url, replayed.token, { answers });
show('with "replay" the handler begins again', await callText(second, 'buy', tea), 'Paid 2');
show('in another process, too', await buyElsewhere(replayed.token), 'Paid 4');
show('what it has paid', replayed.shop.paid, [2, 4]);

const refused = addTenant('refused', createAskingServer, { input: 'refuse' });
const third = await connectStateless(url, refused.token, { answers });
const refusal: unknown = await callText(third, 'buy', tea).catch((error: unknown) => error);
show('with "refuse"', (refusal as { code?: number }).code, -32603);
show('nothing is paid', refused.shop.paid, []);

const unable = await connectStateless(url, parked.token);
show(
  'a client that cannot be asked',
  await callText(unable, 'buy', tea),
  'Client does not support form elicitation.',
);

for (const client of [first, second, third, unable]) await client.close();
for (const each of [tessera, elsewhere]) await each.close();
for (const each of [served, servedElsewhere]) await each.close();
