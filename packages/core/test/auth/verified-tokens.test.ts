import { beforeEach, describe, expect, it } from 'vitest';
import { VerifiedTokens, expiryMs, isExpiryInMilliseconds } from '../../src/auth/verified-tokens.js';
import type { AuthInfo } from '../../src/index.js';
import { FakeTime, settle } from '../helpers/fake-platform.js';

let time: FakeTime;
let asked: number;
let answer: () => Promise<AuthInfo>;
let tokens: VerifiedTokens;

const info = (more: Partial<AuthInfo> = {}): AuthInfo => ({ token: 't', clientId: 'c', scopes: [], ...more });

beforeEach(() => {
  time = new FakeTime();
  asked = 0;
  answer = () => Promise.resolve(info());
  const verifier = {
    verifyAccessToken: () => {
      asked += 1;
      return answer();
    },
  };
  tokens = new VerifiedTokens(verifier, time, 5000);
});

describe('VerifiedTokens', () => {
  it('takes the word of its verifier for five seconds and then asks again', async () => {
    await tokens.verify('t', 'digest');
    await time.advance(4999);
    expect(tokens.verify('t', 'digest')).toMatchObject({ clientId: 'c' });
    expect(asked).toBe(1);
    await time.advance(1);
    await tokens.verify('t', 'digest');
    expect(asked).toBe(2);
  });

  it('never takes it beyond the expiry of the token', async () => {
    answer = () => Promise.resolve(info({ expiresAt: (time.now() + 1000) / 1000 }));
    await tokens.verify('t', 'digest');
    await time.advance(1000);
    await tokens.verify('t', 'digest');
    expect(asked).toBe(2);
  });

  it('asks once for many requests at once, and once for each token', async () => {
    await Promise.all([tokens.verify('t', 'one'), tokens.verify('t', 'one'), tokens.verify('u', 'two')]);
    expect(asked).toBe(2);
  });

  it('does not remember a refusal, nor what was said before it', async () => {
    await tokens.verify('t', 'digest');
    await time.advance(5000);
    answer = () => Promise.reject(new Error('refused'));
    await expect(tokens.verify('t', 'digest')).rejects.toThrow('refused');
    answer = () => Promise.resolve(info());
    expect(await tokens.verify('t', 'digest')).toMatchObject({ clientId: 'c' });
    expect(asked).toBe(3);
  });

  it('does not remember an answer to a question that was asked before it was told to forget', async () => {
    let release: (authInfo: AuthInfo) => void = () => undefined;
    answer = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const first = tokens.verify('t', 'digest');
    await settle();
    tokens.forget('digest');
    release(info());
    await first;
    answer = () => Promise.resolve(info());
    await tokens.verify('t', 'digest');
    expect(asked).toBe(2);
  });

  it('asks every time when it is to remember nothing', async () => {
    const verifier = {
      verifyAccessToken: () => {
        asked += 1;
        return Promise.resolve(info());
      },
    };
    const forgetful = new VerifiedTokens(verifier, time, 0);
    await forgetful.verify('t', 'digest');
    await forgetful.verify('t', 'digest');
    expect(asked).toBe(2);
  });

  it('remembers a bounded number of tokens', async () => {
    for (let index = 0; index <= 10_000; index += 1) await tokens.verify('t', `digest-${String(index)}`);
    await tokens.verify('t', 'digest-0');
    expect(asked).toBe(10_002);
    await tokens.verify('t', 'digest-10000');
    expect(asked).toBe(10_002);
  });
});

describe('the expiry of a verified token', () => {
  it.each([
    [undefined, undefined],
    [1_700_000_000, 1_700_000_000_000],
    [1_700_000_000_000, 1_700_000_000_000],
    [Number.NaN, 0],
    [Infinity, 0],
    ['1700000000', 0],
    [null, 0],
  ])('given as %s is %s', (given, expected) => {
    expect(expiryMs(info({ expiresAt: given as number }))).toBe(expected);
  });

  it('knows milliseconds from seconds', () => {
    expect(isExpiryInMilliseconds(info({ expiresAt: 1_700_000_000_000 }))).toBe(true);
    expect(isExpiryInMilliseconds(info({ expiresAt: 1_700_000_000 }))).toBe(false);
    expect(isExpiryInMilliseconds(info())).toBe(false);
  });
});
