import { McpServer } from '@modelcontextprotocol/server';
import type fc from 'fast-check';
import {
  createTessera,
  memoryEventLog,
  type Answer,
  type EventLog,
  type StorePlace,
  type LoggedEvent,
  type Tessera,
} from '../../../src/index.js';
import { FakeTime } from '../../helpers/fake-platform.js';
import { INITIALIZE } from '../../helpers/requests.js';
import { ClientChain } from './client-chain.js';

const LONGEST_QUEUE = 32;

/** A tool that runs, and what its client must get of it. */
interface OpenCall {
  readonly chain: ClientChain;
  readonly expected: string[];
  log(text: string): Promise<void>;
  closeStream(): void;
  finish: (text: string) => void;
}

/** What of a log waits for the scheduler. */
export interface LogTiming {
  readonly slowReads: boolean;
  readonly slowWrites: boolean;
}

/** A log in which reading and writing wait for a scheduler; writes stay in their order. */
class ScheduledLog implements EventLog {
  readonly #log = memoryEventLog({ clock: new FakeTime(), timers: new FakeTime() });
  readonly #scheduler: fc.Scheduler;
  readonly #timing: LogTiming;
  #written: Promise<unknown> = Promise.resolve();

  constructor(scheduler: fc.Scheduler, timing: LogTiming) {
    this.#scheduler = scheduler;
    this.#timing = timing;
  }

  append(place: StorePlace, event: LoggedEvent, bytes: number): void | Promise<void> {
    if (!this.#timing.slowWrites) return this.#log.append(place, event, bytes);
    const written = this.#written
      .then(() => this.#scheduler.schedule(Promise.resolve(), `write ${event.stream} ${String(event.seq)}`))
      .then(() => this.#log.append(place, event, bytes));
    this.#written = written;
    return written;
  }

  read(
    place: StorePlace,
    stream: string,
    after: number,
  ): readonly LoggedEvent[] | Promise<readonly LoggedEvent[]> {
    const events = this.#log.read(place, stream, after);
    if (!this.#timing.slowReads) return events;
    return this.#scheduler.schedule(Promise.resolve(events), `read ${stream} after ${String(after)}`);
  }

  forget(place: StorePlace): void | Promise<void> {
    return this.#log.forget(place);
  }
}

/** One session whose server and client do what the steps of a case say. */
export class StreamingWorld {
  readonly standalone = new ClientChain();
  readonly said: string[] = [];
  readonly calls: OpenCall[] = [];
  readonly tessera: Tessera;
  #session = '';
  #server: McpServer | undefined;
  #lastId = 1;
  #lastText = 0;

  constructor(scheduler: fc.Scheduler, timing: LogTiming) {
    const time = new FakeTime();
    this.tessera = createTessera({
      clock: time,
      timers: time,
      logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
      stores: { events: new ScheduledLog(scheduler, timing) },
    });
    this.tessera.addTenant({ id: 'a', server: () => this.#make(), tokens: ['token'] });
  }

  async open(): Promise<void> {
    const answer = await this.#send('POST', { ...INITIALIZE });
    this.#session = String(answer.headers['mcp-session-id']);
    this.standalone.take(await this.#send('GET'));
  }

  async say(): Promise<void> {
    // What is said while nobody listens must fit into the queue.
    if (this.said.length >= LONGEST_QUEUE) return;
    const text = this.#text();
    this.said.push(text);
    await this.#server?.sendLoggingMessage({ level: 'info', data: text });
  }

  /** Begins a call; its tool waits for the steps. */
  call(): void {
    this.#lastId += 1;
    const message = { id: this.#lastId, method: 'tools/call', params: { name: 'work', arguments: {} } };
    const chain = new ClientChain();
    this.#chains.push(chain);
    void this.#send('POST', message).then((answer) => {
      chain.take(answer);
    });
  }

  async log(call: OpenCall): Promise<void> {
    if (isFinished(call)) return;
    const text = this.#text();
    call.expected.push(text);
    await call.log(text);
  }

  finish(call: OpenCall): void {
    if (isFinished(call)) return;
    const text = `done ${this.#text()}`;
    call.expected.push(text);
    call.finish(text);
  }

  /** Comes back to a stream from the event that was seen last. */
  async comeBack(chain: ClientChain): Promise<void> {
    if (chain.connected || chain.answered || chain.lastId === undefined) return;
    chain.connected = true;
    chain.take(await this.#send('GET', undefined, chain.lastId));
  }

  /** Chains of calls whose tool has not begun yet. */
  readonly #chains: ClientChain[] = [];

  #text(): string {
    this.#lastText += 1;
    return String(this.#lastText);
  }

  #send(method: string, message?: object, lastEventId?: string): Promise<Answer> {
    const headers = new Headers({
      authorization: 'Bearer token',
      accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(this.#session === '' ? {} : { 'mcp-session-id': this.#session }),
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    });
    const text = (): Promise<string> => Promise.resolve(JSON.stringify({ jsonrpc: '2.0', ...message }));
    return this.tessera.handle({ method, url: '/mcp', headers, text });
  }

  #make(): McpServer {
    const server = new McpServer({ name: 'streaming', version: '1.0.0' }, { capabilities: { logging: {} } });
    this.#server = server;
    server.registerTool('work', {}, async ({ mcpReq, http }) => {
      const chain = this.#chains.shift() ?? new ClientChain();
      const text = await new Promise<string>((finish) => {
        this.calls.push({
          chain,
          expected: [],
          log: (data) => mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } }),
          closeStream: () => http?.closeSSE?.(),
          finish,
        });
      });
      return { content: [{ type: 'text', text }] };
    });
    return server;
  }
}

const isFinished = ({ expected }: OpenCall): boolean => expected.at(-1)?.startsWith('done') === true;

function ignore(): void {
  // Nothing is logged that the model would look at.
}
