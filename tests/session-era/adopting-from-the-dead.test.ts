import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeEverything, closeLater } from './helpers/cleanup.js';
import { FileSessionStore } from './helpers/file-session-store.js';
import { KEYS } from './helpers/handover.js';
import { request } from './helpers/messages.js';
import { CLIENT_V1, CLIENT_V2, Switch } from './helpers/sdk-clients.js';
import { TestSession } from './helpers/session.js';
import { answerOf } from './helpers/streams.js';
import { createWorld, OVER_SOCKET, SETTINGS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

const PROGRAM = fileURLToPath(new URL('../fixtures/keeps-sessions.ts', import.meta.url));
const ADDRESS = new URL('http://127.0.0.1/mcp');

/** A process of its own that serves the tenant `acme`. */
class Neighbour {
  readonly folder: string;
  readonly #child: ChildProcess;
  #printed = '';

  private constructor(folder: string) {
    this.folder = folder;
    const environment = { ...process.env, FOLDER: folder, SECRET: KEYS.secret, TOKEN: TOKENS.acme };
    this.#child = spawn(process.execPath, ['--import', 'tsx', PROGRAM], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#printed += text;
    });
  }

  static async start(): Promise<Neighbour> {
    const folder = await mkdtemp(join(tmpdir(), 'sessions-'));
    closeLater(() => rm(folder, { recursive: true, force: true }));
    const neighbour = new Neighbour(folder);
    closeLater(() => neighbour.kill());
    return neighbour;
  }

  async untilPrinted(expected: RegExp): Promise<string> {
    return vi.waitFor(
      () => {
        const match = expected.exec(this.#printed);
        if (match === null) throw new Error(`It has printed only ${JSON.stringify(this.#printed)}.`);
        return match[1] ?? '';
      },
      { timeout: 30_000, interval: 20 },
    );
  }

  /** Ends it as a crash would: nothing in it runs any more. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
    expect(this.#child.signalCode).toBe('SIGKILL');
  }
}

/** Everything that the files in a folder hold. */
async function textIn(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map(async (file) => file.name + (await readFile(join(file.parentPath, file.name), 'utf8')));
  return (await Promise.all(texts)).join('\n');
}

describe.each([CLIENT_V1, CLIENT_V2])('When a process is killed, a $name', (sdk) => {
  it('Goes on with its session in another one, and loses only the call that was in flight.', async () => {
    const neighbour = await Neighbour.start();
    const balancer = new Switch(Number(await neighbour.untilPrinted(/port (\d+)/)));
    const client = await sdk.connect(ADDRESS, TOKENS.acme, balancer.fetch);
    const id = client.sessionId() ?? 'none';
    expect(await client.call('whoami')).toBe('killed');
    await client.setLevel('error');
    const failed = expect(client.call('hold')).rejects.toThrow();
    await neighbour.untilPrinted(/A call is held/);
    const world = await createWorld(OVER_SOCKET, {
      keys: KEYS,
      stores: { sessions: new FileSessionStore(neighbour.folder) },
    });
    const kept = await textIn(neighbour.folder);
    expect(kept).toContain('killed');
    for (const secret of [id, TOKENS.acme, KEYS.secret]) expect(kept).not.toContain(secret);
    await neighbour.kill();
    balancer.port = world.port;
    await failed;
    expect(await client.call('whoami')).toBe('acme');
    expect(client.sessionId()).toBe(id);
    await client.call('logAll', 'said');
    await vi.waitFor(() => {
      expect(client.told.map(({ params }) => params?.['data'])).toContain('said error');
    });
    expect(client.told.map(({ params }) => params?.['data'])).not.toContain('said warning');
    // Its stream broke with the process, so it has come back to listen.
    await vi.waitFor(
      () => {
        expect(world.tessera.getStats().openStreams).toBe(1);
      },
      { timeout: 10_000, interval: 20 },
    );
    world.tessera.notify('acme').toolsChanged();
    await vi.waitFor(() => {
      expect(client.told.map(({ method }) => method)).toContain('notifications/tools/list_changed');
    });
    expect(world.events('sessionAdopted')).toMatchObject([{ sessionId: id, serverName: 'killed' }]);
    await client.terminate();
    expect(await textIn(neighbour.folder)).toBe('');
  }, 60_000);
});

describe('When a process is killed', () => {
  it('Its sessions are there for those who had them and for nobody else, whatever SDK comes next.', async () => {
    const neighbour = await Neighbour.start();
    const port = Number(await neighbour.untilPrinted(/port (\d+)/));
    const balancer = new Switch(port);
    const client = await CLIENT_V1.connect(ADDRESS, TOKENS.acme, balancer.fetch);
    const session = client.sessionId() ?? 'none';
    await neighbour.kill();
    for (const setting of SETTINGS.filter(({ socket }) => !socket)) {
      const sessions = new FileSessionStore(neighbour.folder);
      const world = await createWorld(setting, { keys: KEYS, stores: { sessions } });
      for (const token of [TOKENS.globex, TOKENS.sibling]) {
        const stranger = new TestSession(world, { token, session, version: '2025-11-25' });
        expect((await stranger.call(1, 'whoami')).status).toBe(404);
      }
      const own = new TestSession(world, { token: TOKENS.acme, session, version: '2025-11-25' });
      const answer = await answerOf(await own.post(request(1, 'tools/list')));
      expect(answer.result?.tools?.map(({ name }) => name)).toContain('echo');
      // What one process after the other leaves behind is enough for the next.
      await world.tessera.close();
    }
  }, 60_000);
});
