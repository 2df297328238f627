import type { Answer, Connection } from './connection.js';
import {
  INITIALIZED_BODY,
  bodiless,
  callBody,
  initializeBody,
  listBody,
  post,
  postHead,
  type LoadEra,
  type Target,
} from './requests.js';
import { WrongAnswer, isEcho, resultOf, serverNameOf } from './verify.js';

/** A tenant as the load knows it. */
export interface BenchTenant {
  readonly token: string;
  readonly name: string;
}

/** How a candidate is spoken to. */
export interface Speech {
  readonly path: string;
  readonly era: LoadEra;
  /** Whether its clients have sessions. A server of the session era may give none. */
  readonly sessions: boolean;
  /** Whether its servers are named after their tenants. */
  readonly named: boolean;
}

let lastId = 0;

function nextId(): number {
  lastId = lastId >= 1_000_000_000 ? 1 : lastId + 1;
  return lastId;
}

/** One client of one tenant. It verifies everything that it is answered. */
export class BenchClient {
  readonly tenant: BenchTenant;
  readonly target: Target;
  readonly #speech: Speech;
  readonly #callHead: string;
  readonly #listHead: string;
  #calls = 0;

  private constructor(tenant: BenchTenant, speech: Speech, sessionId: string | undefined) {
    this.tenant = tenant;
    this.#speech = speech;
    this.target = { path: speech.path, token: tenant.token, era: speech.era, sessionId };
    this.#callHead = postHead(this.target, 'tools/call', 'echo');
    this.#listHead = postHead(this.target, 'tools/list');
  }

  /** Introduces a client, as far as its era has introductions. */
  static async open(connection: Connection, tenant: BenchTenant, speech: Speech): Promise<BenchClient> {
    if (!speech.sessions) return new BenchClient(tenant, speech, undefined);
    const target = { path: speech.path, token: tenant.token, era: speech.era };
    const id = nextId();
    const answer = await connection.ask(post(postHead(target, 'initialize'), initializeBody(id)));
    const { serverInfo } = resultOf(answer, id);
    const sessionId = answer.header('mcp-session-id');
    if (sessionId === undefined) throw new WrongAnswer('There is no session id', answer);
    if (speech.named && serverInfo?.name !== tenant.name) {
      throw new WrongAnswer(`The server of ${tenant.name} is another one`, answer);
    }
    const client = new BenchClient(tenant, speech, sessionId);
    const accepted = await connection.ask(post(postHead(client.target), INITIALIZED_BODY));
    if (accepted.status !== 202)
      throw new WrongAnswer('notifications/initialized was not accepted', accepted);
    return client;
  }

  /** Calls the tool `echo` with a text that nobody has sent before. */
  async call(connection: Connection): Promise<void> {
    if (!(await this.tryCall(connection)))
      throw new Error('The call was refused, because there were too many.');
  }

  /** The same where a call may be refused, because there are too many; false when it was. */
  async tryCall(connection: Connection): Promise<boolean> {
    const id = nextId();
    this.#calls += 1;
    const text = `${this.tenant.name} says ${String(this.#calls)}`;
    const answer = await connection.ask(post(this.#callHead, callBody(id, text, this.#speech.era)));
    if (answer.status === 429) return false;
    const result = resultOf(answer, id);
    if (!isEcho(result, text)) throw new WrongAnswer(`It is no echo of "${text}"`, answer);
    this.#checkName(result, answer);
    return true;
  }

  /** Lists the tools. */
  async list(connection: Connection, expected: number): Promise<void> {
    const id = nextId();
    const answer = await connection.ask(post(this.#listHead, listBody(id, this.#speech.era)));
    const result = resultOf(answer, id);
    if (result.tools?.length !== expected)
      throw new WrongAnswer(`These are not ${String(expected)} tools`, answer);
    this.#checkName(result, answer);
  }

  /** Ends the session. */
  async end(connection: Connection): Promise<void> {
    const { status, ...answer } = await connection.ask(bodiless('DELETE', this.target));
    if (status !== 200 && status !== 204) throw new WrongAnswer('DELETE was refused', { status, ...answer });
  }

  /** In the stateless era each answer says whose server has given it. */
  #checkName(result: Parameters<typeof serverNameOf>[0], answer: Answer): void {
    if (this.#speech.era !== 'stateless') return;
    if (serverNameOf(result) !== this.tenant.name) {
      throw new WrongAnswer(`It is not of the server of ${this.tenant.name}`, answer);
    }
  }
}
