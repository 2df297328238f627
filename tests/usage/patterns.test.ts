import { clientConfig, generateToken, type PerBearerMcpServer } from '@tessera-mcp/fastify';
import { describe, expect, it } from 'vitest';
import { connect, makeServer, serverWith, statusOf, toolsOf } from './helpers.js';

describe('a prototype', () => {
  it('is one expression and a start', async () => {
    const server = makeServer().addToken('test', () => serverWith('prototype', 'ping'));
    const { port, url, host, endpoint, startedAt } = await server.start();
    expect(url).toBe(`http://127.0.0.1:${String(port)}/mcp`);
    expect({ host, endpoint }).toEqual({ host: '127.0.0.1', endpoint: '/mcp' });
    expect(startedAt).toBeInstanceOf(Date);
    expect(await toolsOf(url, 'test')).toEqual(['ping']);
  });
});

/** Sells access: a customer has a token, a plan decides on the tools. */
class CustomerDirectory {
  readonly #server: PerBearerMcpServer;
  readonly #tokens = new Map<string, string>();

  constructor(server: PerBearerMcpServer) {
    this.#server = server;
  }

  join(id: string, plan: 'small' | 'large'): string {
    const token = generateToken();
    this.#tokens.set(id, token);
    this.#server.addToken(token, () => this.#serverFor(id, plan));
    return token;
  }

  upgrade(id: string): void {
    this.#server.updateToken(this.tokenOf(id), () => this.#serverFor(id, 'large'));
  }

  leave(id: string): PerBearerMcpServer {
    const token = this.tokenOf(id);
    this.#tokens.delete(id);
    return this.#server.removeToken(token);
  }

  tokenOf(id: string): string {
    return this.#tokens.get(id) ?? '';
  }

  #serverFor(id: string, plan: 'small' | 'large'): ReturnType<typeof serverWith> {
    return serverWith(`${id}-${plan}`, 'search', ...(plan === 'large' ? ['report', 'export'] : []));
  }
}

describe('a customer directory', () => {
  it('lets customers join, upgrade and leave while it runs', async () => {
    const server = makeServer();
    const { url } = await server.start();
    const customers = new CustomerDirectory(server);
    const first = customers.join('first', 'small');
    const second = customers.join('second', 'large');
    expect(await toolsOf(url, first)).toEqual(['search']);
    expect(await toolsOf(url, second)).toEqual(['search', 'report', 'export']);
    customers.upgrade('first');
    expect(await toolsOf(url, first)).toEqual(['search', 'report', 'export']);
    expect(customers.leave('second')).toBe(server);
    expect(await statusOf(url, second)).toBe(401);
    expect(await statusOf(url, first)).toBe(200);
  });

  it('hears of registrations, sessions and calls with the names its customers know', async () => {
    const server = makeServer();
    const { url } = await server.start();
    const customers = new CustomerDirectory(server);
    const heard: string[] = [];
    server
      .on('serverRegistered', ({ serverName, serverVersion }) => heard.push(`${serverName} ${serverVersion}`))
      .on('sessionCreated', ({ token }) =>
        heard.push(token === customers.tokenOf('acme') ? 'session' : 'stranger'),
      )
      .on('toolCalled', ({ toolName, success, duration }) => {
        heard.push(`${toolName} ${String(success)} ${String(duration >= 0)}`);
      })
      .on('serverUpdated', ({ oldServerName, newServerName }) =>
        heard.push(`${oldServerName} > ${newServerName}`),
      );
    const client = await connect(url, customers.join('acme', 'small'));
    await client.callTool({ name: 'search' });
    customers.upgrade('acme');
    await expect.poll(() => heard.length).toBe(4);
    expect(heard).toEqual(['acme-small 1.0.0', 'session', 'search true true', 'acme-small > acme-large']);
  });

  it('gives each customer a configuration to paste', () => {
    const customers = new CustomerDirectory(makeServer());
    const token = customers.join('acme', 'small');
    const config = clientConfig(token, 'https://mcp.example.com/mcp', { for: 'claude-code', name: 'acme' });
    expect(config).toEqual({
      mcpServers: {
        acme: {
          type: 'http',
          url: 'https://mcp.example.com/mcp',
          headers: { Authorization: `Bearer ${token}` },
        },
      },
    });
  });
});

describe('tokens that live for a while', () => {
  it('are added and removed by timers, also after somebody else has removed them', async () => {
    const server = makeServer();
    const { url } = await server.start();
    const tokens = [generateToken(), generateToken()];
    for (const token of tokens) {
      server.addToken(token, () => serverWith('visitor', 'look'));
      setTimeout(() => {
        server.removeToken(token);
      }, 150);
    }
    expect(await toolsOf(url, tokens[0] ?? '')).toEqual(['look']);
    server.removeToken(tokens[1] ?? '');
    await expect.poll(() => server.getTokens()).toEqual([]);
    expect(await statusOf(url, tokens[0] ?? '')).toBe(401);
    expect(server.getStats().activeSessions).toBe(0);
  });
});

describe('roles', () => {
  it('each have the tools of the roles below them', async () => {
    const server = makeServer();
    const { url } = await server.start();
    const roles = { viewer: ['read'], editor: ['read', 'write'], admin: ['read', 'write', 'delete'] };
    const tokens = Object.entries(roles).map(([role, tools]) => {
      const token = `${generateToken()}-${role}`;
      server.addToken(token, () => serverWith(role, ...tools));
      return { token, tools };
    });
    for (const { token, tools } of tokens) expect(await toolsOf(url, token)).toEqual(tools);
  });
});

describe('regions', () => {
  it('are servers of their own, which do not know each other', async () => {
    const regions = await Promise.all(
      ['north', 'south', 'west'].map(async (region) => {
        const server = makeServer().addToken('shared-name', () => serverWith(region, `local-${region}`));
        return { region, server, url: (await server.start()).url };
      }),
    );
    for (const { region, url } of regions)
      expect(await toolsOf(url, 'shared-name')).toEqual([`local-${region}`]);
    await regions[0]?.server.stop();
    expect(await toolsOf(regions[1]?.url ?? '', 'shared-name')).toEqual(['local-south']);
  });
});

describe('health', () => {
  it('can be watched through statistics', async () => {
    const server = makeServer()
      .addToken('a', () => serverWith('a', 'x'))
      .addToken('b', () => serverWith('b', 'x'));
    const { url } = await server.start();
    await connect(url, 'a');
    const alerts: string[] = [];
    const { activeSessions, registeredTokens, activeServers, uptime } = server.getStats();
    if (activeSessions > 0) alerts.push('sessions');
    expect({ activeSessions, registeredTokens, activeServers }).toEqual({
      activeSessions: 1,
      registeredTokens: 2,
      activeServers: 1,
    });
    expect(uptime).toBeGreaterThan(0);
    expect(alerts).toEqual(['sessions']);
    const health = await fetch(new URL('/health', url));
    expect(await health.json()).toEqual({ status: 'ok' });
  });
});

describe('errors of sessions', () => {
  it('reach a listener with the session they belong to', async () => {
    const failures: string[] = [];
    const server = makeServer().addToken('a', () => {
      const failing = serverWith('a', 'x');
      failing.server.oninitialized = () => {
        failing.server.onerror?.(new Error('the disk is full'));
      };
      return failing;
    });
    server.on('transportError', (sessionId, error) => failures.push(`${sessionId} ${error.message}`));
    const { url } = await server.start();
    await connect(url, 'a');
    const [session] = server.getActiveSessions();
    await expect.poll(() => failures).toEqual([`${session?.sessionId ?? ''} the disk is full`]);
  });
});
