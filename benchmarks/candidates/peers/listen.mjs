import { createServer } from 'node:http';

/** At which port of 127.0.0.1 an HTTP server listens from now on. @param {import('node:http').Server} server */
export async function listen(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.address().port;
}

/** A port that is free, for who cannot be told to take any and then say which. */
export async function freePort() {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
