import { memoryEventLog, type EventLog, type Tessera, type TenantOptions } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { gate } from '../../one-line-server/helpers/watch.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { until, within } from '../helpers/waiting.js';
import { logMessage, type FakeServer } from './helpers/fake-server.js';
import { play, turns } from './helpers/play.js';
import { reading } from './helpers/reading.js';
import { listen, open } from './helpers/requests.js';

afterEach(closeEverything);

const AT_ONCE = 1000;

interface Lost {
  readonly session: string;
  /** The last event that came. */
  readonly lastEventId: string;
}

interface Slow {
  readonly tessera: Tessera;
  readonly token: string;
  readonly servers: readonly FakeServer[];
  /** From now on the log is late, until the function that is returned is called. */
  readonly hold: () => () => void;
  /** Opens a session and loses its stream. */
  readonly lose: () => Promise<Lost>;
}

function withSlowLog(ofTenant: Partial<TenantOptions> = {}): Slow {
  const inner = memoryEventLog();
  let ready: Promise<void> = Promise.resolve();
  const log: EventLog = {
    append: (...given) => inner.append(...given),
    read: async (...given) => {
      const events = await inner.read(...given);
      await ready;
      return events;
    },
    forget: (place) => inner.forget(place),
  };
  const { tessera, token, servers } = play({ stores: { events: log } }, ofTenant);
  const hold = (): (() => void) => {
    const { opened, open: letGo } = gate();
    ready = opened;
    return letGo;
  };
  const lose = async (): Promise<Lost> => {
    const session = await open(tessera, token);
    const stream = reading(await listen(tessera, { token, session }));
    await until(() => {
      expect(stream.lastId()).not.toBe('');
    });
    await stream.cancel();
    await turns();
    return { session, lastEventId: stream.lastId() };
  };
  return { tessera, token, servers, hold, lose };
}

describe('Streams that are resumed while the event log is slow', () => {
  it('They count while they wait, so that they cannot pass the cap on streams.', async () => {
    const { tessera, token, lose, hold } = withSlowLog({ limits: { streams: 1 } });
    const all = [await lose(), await lose(), await lose()];
    const letGo = hold();
    const gets = all.map(({ session, lastEventId }) => listen(tessera, { token, session }, lastEventId));
    await turns();
    letGo();
    const answers = await within(AT_ONCE, Promise.all(gets));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(tessera.getStats().openStreams).toBe(1);
  });

  it('None is opened for a tenant that is switched off meanwhile.', async () => {
    const { tessera, token, lose, hold } = withSlowLog();
    const { session, lastEventId } = await lose();
    const letGo = hold();
    const get = listen(tessera, { token, session }, lastEventId);
    await turns();
    await tessera.updateTenant('acme', { enabled: false });
    letGo();
    expect((await within(AT_ONCE, get)).status).toBe(403);
    expect(tessera.getStats().openStreams).toBe(0);
  });

  it('A token that is removed meanwhile gets nothing of what was missed.', async () => {
    const { tessera, token, servers, lose, hold } = withSlowLog();
    const { session, lastEventId } = await lose();
    await servers[0]?.say(logMessage('missed'));
    // It waits for the next stream, which puts it into the log.
    const again = reading(await listen(tessera, { token, session }, lastEventId));
    await until(() => {
      expect(again.text()).toContain('missed');
    });
    await again.cancel();
    const letGo = hold();
    const get = listen(tessera, { token, session }, lastEventId);
    await turns();
    tessera.removeToken(token);
    letGo();
    const { status, body } = await within(AT_ONCE, get);
    expect(status).toBe(401);
    expect(body).not.toBeInstanceOf(ReadableStream);
    expect(body).not.toContain('missed');
  });
});
