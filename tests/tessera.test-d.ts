import {
  createTessera,
  type Tessera,
  type TesseraEvent,
  type TesseraEvents,
  type TenantInfo,
  type TokenInfo,
} from '@tessera-mcp/core';
import { describe, expectTypeOf, test } from 'vitest';

declare const tessera: Tessera;

describe('a tessera', () => {
  test('types every event by its map', () => {
    tessera.on('sessionEnded', ({ sessionId, duration, reason }) => {
      expectTypeOf(sessionId).toEqualTypeOf<string>();
      expectTypeOf(duration).toEqualTypeOf<number>();
      expectTypeOf(reason).toEqualTypeOf<
        | 'deleted'
        | 'idle'
        | 'lifetime'
        | 'evicted'
        | 'revoked'
        | 'expired'
        | 'tenantRemoved'
        | 'updated'
        | 'serverClosed'
        | 'stopped'
      >();
    });
    tessera.on('requestHandled', ({ era }) => {
      expectTypeOf(era).toEqualTypeOf<'session' | 'stateless' | undefined>();
    });
    // @ts-expect-error there is no such event
    tessera.on('sessionOpened', () => undefined);
  });

  test('has a union of all its events, told apart by type', () => {
    expectTypeOf<TesseraEvent['type']>().toEqualTypeOf<keyof TesseraEvents>();
    expectTypeOf<Extract<TesseraEvent, { type: 'tenantAdded' }>>().toEqualTypeOf<
      { type: 'tenantAdded' } & { tenantId: string }
    >();
  });

  test('answers Web requests, also as a handler on its own', () => {
    const { fetch } = tessera;
    expectTypeOf(fetch(new Request('http://localhost/mcp'))).toEqualTypeOf<Promise<Response>>();
  });

  test('never gives a token back', () => {
    expectTypeOf(tessera.addToken('a', 'token')).toEqualTypeOf<TokenInfo>();
    expectTypeOf<keyof TokenInfo>().toEqualTypeOf<'tokenId' | 'fingerprint'>();
    expectTypeOf(tessera.getTenant('a')).toEqualTypeOf<TenantInfo | undefined>();
  });

  test('takes no unknown options', () => {
    // @ts-expect-error the option is called "endpoint"
    createTessera({ path: '/mcp' });
    // @ts-expect-error a tenant needs a server factory
    tessera.addTenant({ id: 'a' });
  });
});
