import { expect } from 'vitest';

interface OAuthBody {
  readonly error: string;
  readonly error_description: string;
}

/** Expects a refusal in the form of OAuth: these two fields and no others. */
export async function expectOAuthRefusal(response: Response, status: number): Promise<OAuthBody> {
  expect(response.status).toBe(status);
  const body = (await response.json()) as OAuthBody;
  expect(Object.keys(body).sort()).toEqual(['error', 'error_description']);
  expect(typeof body.error).toBe('string');
  expect(typeof body.error_description).toBe('string');
  return body;
}

/** Expects a 401 for a token that was sent. */
export async function expectUnauthorized(response: Response): Promise<OAuthBody> {
  const challenge = response.headers.get('www-authenticate');
  const body = await expectOAuthRefusal(response, 401);
  expect(challenge).toMatch(/^Bearer /);
  expect(challenge).toContain('error="invalid_token"');
  return body;
}
