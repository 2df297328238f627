import { Session } from 'node:inspector/promises';
import { performance } from 'node:perf_hooks';

/*
 * What every candidate's process has in common: it is told what to serve, says at which port it does, and answers what it is
 * asked about itself. A candidate is one file that calls `candidate(start)`.
 */

/** Which tools a server has; see tools.mjs. @typedef {'echo' | 'large' | 'slow' | 'hundred'} ToolSet */

/**
 * What a candidate is told.
 *
 * @typedef {object} Settings
 * @property {{ token: string, name: string }[]} tenants whose token is whose, and what each one's server is called
 * @property {ToolSet} tools which tools a server has
 * @property {'v1' | 'v2' | undefined} sdk which SDK its servers are written with, where it can do both
 * @property {string | undefined} mode what else tells candidates of one file apart
 * @property {number} sessions how many sessions there will be at once; caps are to be above
 * @property {{ tenant: object, total: object } | undefined} limits caps that this project is to have in place of its defaults
 */

/**
 * What a candidate gives back once it listens.
 *
 * @typedef {object} Running
 * @property {number} port on 127.0.0.1
 * @property {string} [path] of the endpoint; default `/mcp`
 * @property {() => number} [sessions] how many sessions there are
 * @property {() => void | Promise<void>} [broadcast] sends one `notifications/tools/list_changed` to every open stream
 * @property {Record<string, (argument: any) => unknown>} [answers] what only this candidate can be asked
 */

/**
 * Runs a candidate.
 *
 * @param {(settings: Settings) => Running | Promise<Running>} start
 */
export function candidate(start) {
  /** @type {Running | undefined} */
  let running;
  const answers = {
    start: async (settings) => {
      running = await start(settings);
      return { port: running.port, path: running.path ?? '/mcp' };
    },
    memory: async () => {
      for (let round = 0; round < 4; round += 1) {
        globalThis.gc?.();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const { heapUsed, external, rss } = process.memoryUsage();
      return { heapUsed, external, rss };
    },
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
    sessions: () => running?.sessions?.() ?? null,
    broadcast: () => timed(() => running?.broadcast?.()),
    profile: async (begin) => {
      if (begin) return startProfile();
      const { profile } = await profiler.post('Profiler.stop');
      return profile;
    },
  };
  process.on('message', async ({ id, question, argument }) => {
    try {
      const answer = answers[question] ?? running?.answers?.[question];
      if (answer === undefined) throw new Error(`This candidate cannot be asked for "${question}".`);
      process.send?.({ id, value: await answer(argument) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ id: 0, value: 'up' });
}

const profiler = new Session();

async function startProfile() {
  profiler.connect();
  await profiler.post('Profiler.enable');
  await profiler.post('Profiler.setSamplingInterval', { interval: 200 });
  await profiler.post('Profiler.start');
}

/** Does something, and says when it began and for how long at a time nothing else could be done in the half second from then. */
async function timed(work) {
  let last = performance.now();
  let blocked = 0;
  let over = false;
  const tick = () => {
    const now = performance.now();
    blocked = Math.max(blocked, now - last);
    last = now;
    if (!over) setImmediate(tick);
  };
  const until = new Promise((resolve) => setTimeout(resolve, 500));
  await new Promise((resolve) => setImmediate(resolve));
  last = performance.now();
  const at = process.hrtime.bigint();
  setImmediate(tick);
  await work();
  await until;
  over = true;
  return { at: String(at), blockedMs: blocked };
}

/** Whose token a request carries. @param {Settings['tenants']} tenants */
export function tenantsByToken(tenants) {
  return new Map(tenants.map((tenant) => [tenant.token, tenant]));
}

/** The token of an `Authorization` header. @param {string | null | undefined} header */
export function bearerOf(header) {
  return header?.startsWith('Bearer ') === true ? header.slice(7) : undefined;
}
