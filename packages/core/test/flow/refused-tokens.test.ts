import { describe, expect, it } from 'vitest';
import { createTessera, TesseraError, coreErrors, type AuthInfo } from '../../src/index.js';
import { INITIALIZE, openSession, plainServer, post, slowPost } from '../helpers/requests.js';
import { settle } from '../helpers/fake-platform.js';

describe('a token that its verifier refuses', () => {
  it('makes nobody else be verified again when it had never been let in', async () => {
    const asked: string[] = [];
    const verifyAccessToken = (token: string): Promise<AuthInfo> => {
      asked.push(token);
      if (token !== 'good') return Promise.reject(new TesseraError(coreErrors.invalid_token, 'No.'));
      return Promise.resolve({ token, clientId: 'c', scopes: [] });
    };
    const tessera = createTessera({
      auth: { verifier: { verifyAccessToken }, tenant: 'a', rememberVerifiedMs: 0 },
    });
    tessera.addTenant({ id: 'a', server: () => plainServer() });
    const { request, finish } = slowPost('good', INITIALIZE);
    const answered = tessera.fetch(request);
    await settle();
    for (const token of ['x', 'y', 'z'])
      expect((await tessera.fetch(post(token, INITIALIZE))).status).toBe(401);
    finish();
    expect((await answered).status).toBe(200);
    expect(asked).toEqual(['good', 'x', 'y', 'z']);
    await tessera.close();
  });

  it('loses its sessions when it had been let in before', async () => {
    let valid = true;
    const verifyAccessToken = (token: string): Promise<AuthInfo> =>
      valid
        ? Promise.resolve({ token, clientId: 'c', scopes: [] })
        : Promise.reject(new TesseraError(coreErrors.invalid_token, 'No.'));
    const tessera = createTessera({
      auth: { verifier: { verifyAccessToken }, tenant: 'a', rememberVerifiedMs: 0 },
    });
    tessera.addTenant({ id: 'a', server: () => plainServer() });
    const session = await openSession(tessera, 'good');
    valid = false;
    expect((await tessera.fetch(post('good', { id: 2, method: 'ping' }, session))).status).toBe(401);
    expect(tessera.getActiveSessions()).toEqual([]);
    await tessera.close();
  });
});
