import { randomBytes } from 'node:crypto';
import {
  createTessera,
  generateToken,
  type Tessera,
  type TesseraOptions,
  type TenantOptions,
} from '@tessera-mcp/core';
import { closeLater } from '../../../session-era/helpers/cleanup.js';
import { openSession, type TestSession } from '../../../session-era/helpers/session.js';
import type { SendOptions, Setting, World } from '../../../session-era/helpers/world.js';
import { StatelessCaller } from '../../helpers/caller.js';
import { makeMarkedV1, makeMarkedV2 } from './marked-servers.js';

/** How many tenants there are. */
export const TENANTS = 50;

/** A tenant whose every answer can be told from those of all others. */
export interface MarkedTenant {
  readonly id: string;
  readonly marker: string;
  readonly token: string;
  /** A client of the stateless era; those of all tenants say that they are the same. */
  readonly caller: StatelessCaller;
  /** Opens a session of the other era. */
  readonly open: () => Promise<TestSession>;
}

/** Many tenants in one tessera, half of them with servers of SDK v1, and everything that was sent to each of them. */
export class ManyTenants {
  readonly tessera: Tessera;
  readonly all: readonly MarkedTenant[];
  readonly #received = new Map<string, string>();

  private constructor(tessera: Tessera, send: World['send'], ofTenant: Partial<TenantOptions>) {
    this.tessera = tessera;
    this.all = Array.from({ length: TENANTS }, (_, index) => this.#add(index, send, ofTenant));
  }

  /** Makes the tessera, which is closed after the test. */
  static async create(
    { host }: Setting,
    options: TesseraOptions = {},
    ofTenant: Partial<TenantOptions> = {},
  ): Promise<ManyTenants> {
    const tessera = createTessera(options);
    closeLater(() => tessera.close());
    const { send } = await host.open(tessera);
    return new ManyTenants(tessera, send, ofTenant);
  }

  /** What came to each tenant's clients so far: texts that only another tenant's server can have written. */
  foreignTexts(): string[] {
    return this.all.flatMap(({ id }) => {
      const received = this.#received.get(id) ?? '';
      return this.all
        .filter((other) => other.id !== id && received.includes(other.marker))
        .map((other) => `${id} received a text of ${other.id}`);
    });
  }

  /** How many characters have come to all clients. */
  get received(): number {
    return [...this.#received.values()].reduce((sum, { length }) => sum + length, 0);
  }

  #add(index: number, send: World['send'], ofTenant: Partial<TenantOptions>): MarkedTenant {
    const id = `tenant ${String(index)}`;
    const marker = `mark_${String(index)}_${randomBytes(8).toString('hex')}`;
    const token = generateToken();
    const make = index % 2 === 0 ? makeMarkedV1 : makeMarkedV2;
    this.tessera.addTenant({
      id,
      server: (context) => make({ marker, context }),
      tokens: [token],
      ...ofTenant,
    });
    const world = { send: (options: SendOptions) => this.#record(id, send(options)) };
    return {
      id,
      marker,
      token,
      caller: new StatelessCaller(world, token),
      open: () => openSession(world as World, token),
    };
  }

  async #record(id: string, answer: Promise<Response>): Promise<Response> {
    const { status, headers, body } = await answer;
    this.#note(id, JSON.stringify([...headers]));
    if (body === null) return new Response(null, { status, headers });
    const decoder = new TextDecoder();
    const noting = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, sink) => {
        this.#note(id, decoder.decode(chunk, { stream: true }));
        sink.enqueue(chunk);
      },
    });
    return new Response(body.pipeThrough(noting), { status, headers });
  }

  #note(id: string, text: string): void {
    this.#received.set(id, (this.#received.get(id) ?? '') + text);
  }
}
