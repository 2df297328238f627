import { generateToken, type Tessera, type TokenRecord, type TokenRegistry } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { gate } from '../../one-line-server/helpers/watch.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { request, toolCall } from '../../session-era/helpers/messages.js';
import { within } from '../helpers/waiting.js';
import { FakeServer, type Handlers } from './helpers/fake-server.js';
import { makeTessera, turns } from './helpers/play.js';
import { open, post } from './helpers/requests.js';

afterEach(closeEverything);

const AT_ONCE = 1000;

/** A registry with two tokens of one user: the first that it is asked for may do nothing, the second everything. */
class TwoTokens implements TokenRegistry {
  revoke: (tokenId: string) => void = () => undefined;
  readonly #records = new Map<string, TokenRecord>();
  readonly #revoked = new Set<string>();
  readonly #names = ['weak', 'strong'];

  find(digest: string): Promise<TokenRecord | undefined> {
    const record = this.#records.get(digest) ?? this.#learn(digest);
    return Promise.resolve(this.#revoked.has(record.tokenId) ? undefined : record);
  }

  attach(listener: { revoked(tokenId: string, tenantId?: string): void }): () => void {
    this.revoke = (tokenId) => {
      this.#revoked.add(tokenId);
      listener.revoked(tokenId, 'acme');
    };
    return () => undefined;
  }

  #learn(digest: string): TokenRecord {
    const tokenId = this.#names.shift() ?? 'unknown';
    const scopes = tokenId === 'strong' ? ['tools'] : [];
    const record = { digest, tenantId: 'acme', tokenId, subject: 'user', fingerprint: tokenId, scopes };
    this.#records.set(digest, record);
    return record;
  }
}

interface Callers {
  readonly tessera: Tessera;
  readonly registry: TwoTokens;
  readonly weak: string;
  readonly strong: string;
  /** Opened by the weak token. */
  readonly session: string;
}

/** A session that two tokens of its user can use. */
async function twoCallers(handlers: Handlers, mayAll = false): Promise<Callers> {
  const registry = new TwoTokens();
  const tessera = makeTessera({
    auth: { registries: [registry] },
    hooks: { allowTool: (_tool, { principal }) => mayAll || principal.scopes.includes('tools') },
  });
  tessera.addTenant({ id: 'acme', server: () => new FakeServer(handlers) });
  const [weak, strong] = [generateToken(), generateToken()];
  await post(tessera, { token: weak }, request(1, 'ping'));
  await post(tessera, { token: strong }, request(1, 'ping'));
  return { tessera, registry, weak, strong, session: await open(tessera, weak) };
}

/** Replaces the server by one that sessions wait for, until the function that is returned is called. */
async function replaceBySlow(tessera: Tessera, handlers: Handlers): Promise<() => void> {
  const slow = gate();
  let made = 0;
  const server = async (): Promise<FakeServer> => {
    made += 1;
    // The first is only tried out.
    if (made > 1) await slow.opened;
    return new FakeServer(handlers);
  };
  await tessera.updateTenant('acme', { server });
  return slow.open;
}

/** Servers whose tool calls are answered, and their names noted: one that is denied comes under a name nobody has. */
function noteCalls(called: unknown[]): Handlers {
  return {
    'tools/call': ({ params }) => {
      called.push(params?.name);
      return { content: [] };
    },
  };
}

describe('A session that two tokens of one user take turns in', () => {
  it('A call is decided about by its own token, also when another one was used while it waited.', async () => {
    const called: unknown[] = [];
    const handlers = noteCalls(called);
    const { tessera, weak, strong, session } = await twoCallers(handlers);
    const letGo = await replaceBySlow(tessera, handlers);
    const ofWeak = post(tessera, { token: weak, session }, toolCall(5, 'wipe'));
    await turns();
    const ofStrong = post(tessera, { token: strong, session }, request(6, 'ping'));
    await turns();
    letGo();
    await within(AT_ONCE, Promise.all([ofWeak, ofStrong]));
    expect(called).not.toContain('wipe');
    await post(tessera, { token: strong, session }, toolCall(7, 'wipe'));
    expect(called).toContain('wipe');
  });

  it('A call whose token is revoked while it waits for a server is not carried out.', async () => {
    const called: unknown[] = [];
    const handlers = noteCalls(called);
    const { tessera, registry, weak, strong, session } = await twoCallers(handlers, true);
    const letGo = await replaceBySlow(tessera, handlers);
    // The strong one comes first, so that the server is made for a token that stays.
    const first = post(tessera, { token: strong, session }, request(6, 'ping'));
    await turns();
    const ofWeak = post(tessera, { token: weak, session }, toolCall(5, 'wipe'));
    await turns();
    const last = post(tessera, { token: strong, session }, request(7, 'ping'));
    await turns();
    registry.revoke('weak');
    letGo();
    const [{ status }] = await within(AT_ONCE, Promise.all([ofWeak, first, last]));
    expect(status).toBe(401);
    expect(called).toEqual([]);
  });

  it('A running call ends when the token that it came with is revoked.', async () => {
    let running = 0;
    const handlers: Handlers = {
      'tools/call': () => {
        running += 1;
        return undefined;
      },
    };
    const { tessera, registry, weak, strong, session } = await twoCallers(handlers, true);
    const ofWeak = post(tessera, { token: weak, session }, toolCall(5, 'wipe'));
    await turns();
    await post(tessera, { token: strong, session }, request(6, 'ping'));
    expect(running).toBe(1);
    registry.revoke('weak');
    expect((await within(AT_ONCE, ofWeak)).status).toBe(401);
  });
});
