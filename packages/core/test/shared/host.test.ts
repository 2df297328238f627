import { describe, expect, it } from 'vitest';
import { isLoopbackHost, parseHost, parseOrigin } from '../../src/shared/host.js';

describe('parseHost', () => {
  it.each([
    ['localhost', 'localhost', ''],
    ['LOCALHOST:8080', 'localhost', '8080'],
    ['127.0.0.1:1', '127.0.0.1', '1'],
    ['[::1]', '[::1]', ''],
    ['[::1]:443', '[::1]', '443'],
    ['my-host.example.com', 'my-host.example.com', ''],
  ])('reads %s', (value, host, port) => {
    expect(parseHost(value)).toEqual({ host, port });
  });

  it.each([
    '',
    ':80',
    'evil@localhost',
    'localhost/evil',
    'localhost#.evil.com',
    'localhost:',
    'localhost:abc',
    'localhost:123456',
    '[::1',
    '::1',
    'a b',
    'local,host',
    '-x',
  ])('refuses "%s"', (value) => {
    expect(parseHost(value)).toBeUndefined();
  });
});

describe('isLoopbackHost', () => {
  it.each(['localhost', '127.0.0.1', '127.255.0.9', '[::1]'])('knows %s', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  it.each([
    '127.1',
    '0x7f000001',
    '2130706433',
    'localhost.evil.com',
    '127.0.0.256',
    '127.0.0.01',
    '0.0.0.0',
    '[::]',
  ])('does not take %s for it', (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });
});

describe('parseOrigin', () => {
  it('reads scheme, host and port', () => {
    expect(parseOrigin('HTTPS://App.Example.com:8443')).toEqual({
      scheme: 'https',
      host: 'app.example.com',
      port: '8443',
    });
  });

  it.each(['null', '', 'example.com', 'http://', 'http://evil@localhost', 'http://localhost/', 'http://a b'])(
    'refuses "%s"',
    (value) => {
      expect(parseOrigin(value)).toBeUndefined();
    },
  );
});
