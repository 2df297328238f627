import type { Answer, McpServerLike, Tessera } from '@tessera-mcp/core';
import { initializeMessage } from '../../session-era/helpers/messages.js';
import { callOf, edgeRequest, messagesOf, openSession, readMessages, turns } from './client.js';
import type { Sdk, ToolContext } from './servers.js';

/** How often a client tries again after it was refused, to see that it stays refused. */
const TRIES_AFTERWARDS = 3;

/** Calls without a pause that run beside those that never end. */
const LANES = 2;

/** A tenant or a token that is in full use until it is removed. It keeps what must not have happened after that. */
export class Victim {
  readonly wrong: string[] = [];
  /** Answers of calls that were waiting for one, or came too late, by what they were. */
  readonly refusals = new Map<string, number>();
  readonly #tessera: Tessera;
  readonly #signals: AbortSignal[] = [];
  #token: string;
  #session = '';
  #isRemoved = false;
  #results = 0;
  #lastId = 0;
  readonly #running: Promise<void>[] = [];

  constructor(tessera: Tessera, token: string) {
    this.#tessera = tessera;
    this.#token = token;
  }

  /** Results that came before the end. */
  get results(): number {
    return this.#results;
  }

  /** Whether all of it is under way: calls that never end by themselves, and some that do. */
  get isBusy(): boolean {
    return (this.#signals.length >= 2 && this.#results > 0) || this.wrong.length > 0;
  }

  /** From now on it comes with another token. */
  useToken(token: string): void {
    this.#token = token;
  }

  /** A server whose handlers tell when they start. */
  makeServer(name: string, sdk: Sdk): McpServerLike {
    const started = ({ signal }: ToolContext): void => {
      if (this.#isRemoved) this.wrong.push(`a handler of ${name} started`);
      if (signal.aborted) this.wrong.push(`a handler of ${name} started with an aborted signal`);
    };
    return sdk.make(name, {
      work: async (context) => {
        started(context);
        await turns(Number(context.text) % 4);
        return context.text;
      },
      hold: async (context) => {
        started(context);
        this.#signals.push(context.signal);
        await untilAborted(context.signal);
        return 'held';
      },
      tick: async (context) => {
        started(context);
        this.#signals.push(context.signal);
        // It goes on for a while after it should have stopped, as careless handlers do.
        for (let tick = 1, late = 0; late < 3; tick += 1) {
          await context.progress(tick);
          await turns();
          if (context.signal.aborted) late += 1;
        }
        return 'ticked';
      },
    });
  }

  /** Opens its session and everything that runs in it. */
  async start(): Promise<void> {
    this.#session = await openSession(this.#tessera, this.#token);
    const stream = await this.#tessera.handle(edgeRequest({ ...this.#caller(), method: 'GET' }));
    this.#running.push(
      this.#watch(stream, 'the GET stream'),
      this.#call('hold'),
      this.#call('tick'),
      ...Array.from({ length: LANES }, () => this.#lane()),
    );
  }

  /** Asks for another session, which is still being opened when access is removed. */
  openAnother(): void {
    const { token } = this.#caller();
    this.#running.push(
      this.#tessera
        .handle(edgeRequest({ token, message: initializeMessage(), bodyTakes: 2 }))
        .then((answer) => {
          this.#judge(answer, 'initialize');
        }),
    );
  }

  /** To be called as soon as the removal has returned. */
  removed(): void {
    this.#isRemoved = true;
    const running = this.#signals.filter(({ aborted }) => !aborted).length;
    if (running > 0) this.wrong.push(`${String(running)} handlers were not told to stop`);
  }

  /** Resolves when everything that was under way has been answered or has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  #caller(): { readonly token: string; readonly session: string } {
    return { token: this.#token, session: this.#session };
  }

  async #lane(): Promise<void> {
    for (
      let tries = 0;
      tries < TRIES_AFTERWARDS && this.wrong.length === 0;
      tries += this.#isRemoved ? 1 : 0
    ) {
      await this.#call('work', String(this.#lastId));
    }
  }

  async #call(name: string, text = ''): Promise<void> {
    this.#lastId += 1;
    const message = callOf(this.#lastId, name, text);
    const answer = await this.#tessera.handle(
      edgeRequest({ ...this.#caller(), message, bodyTakes: this.#lastId % 3 }),
    );
    this.#judge(answer, name);
    if (answer.status === 200) await this.#watch(answer, name);
  }

  /** Judges the head of an answer: before the end everything is granted, after it nothing. */
  #judge({ status }: Answer, what: string): void {
    if (status === 401 && this.#isRemoved) {
      const refusal = `${what} 401`;
      this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1);
    } else if (status !== 200 || this.#isRemoved) {
      const when = this.#isRemoved ? 'after' : 'before';
      this.wrong.push(`${what} was answered with ${String(status)} ${when} the removal`);
    }
  }

  /** Reads an answer to its end. After the removal it holds one error, which ends it, and nothing else. */
  async #watch(answer: Answer, what: string): Promise<void> {
    if (typeof answer.body === 'string') {
      const [message] = await messagesOf(answer);
      if (this.#isRemoved || message?.result === undefined) this.wrong.push(`${what}: ${answer.body}`);
      else this.#results += 1;
      return;
    }
    if (answer.body === null) return;
    let errors = 0;
    await readMessages(answer.body, (message) => {
      if (!this.#isRemoved) return;
      if (message.error === undefined) this.wrong.push(`${what} said ${JSON.stringify(message)}`);
      else errors += 1;
    });
    if (!this.#isRemoved) this.wrong.push(`${what} ended before the removal`);
    if (errors !== 1) this.wrong.push(`${what} ended with ${String(errors)} errors`);
    const end = `${what} ended with an error`;
    this.refusals.set(end, (this.refusals.get(end) ?? 0) + 1);
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
