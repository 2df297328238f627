/** One step of a session, as a command for the shell. Later steps use what the first one puts into `$SESSION`. */
export interface HandshakeStep {
  readonly title: string;
  readonly command: string;
}

const POST_HEADERS = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];

/** One `curl` for each step of the handshake, from `initialize` to the end of the session. */
export function handshakeSteps(
  url: string,
  token: string,
  call: { tool: string; input: Record<string, unknown> },
): HandshakeStep[] {
  const authorization = `Authorization: Bearer ${token}`;
  const post = (message: object, ...headers: string[]): string =>
    ['curl -s', ...[authorization, ...POST_HEADERS, ...headers].map((header) => `-H "${header}"`)]
      .concat(`-d '${JSON.stringify({ jsonrpc: '2.0', ...message })}'`, url)
      .join(' ');
  const session = 'Mcp-Session-Id: $SESSION';
  const initialize = {
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'curl', version: '1.0.0' },
    },
  };
  const toSession = "sed -n 's/^mcp-session-id: //Ip' | tr -d '\\r'";
  return [
    {
      title: 'initialize, and keep the session id',
      command: `SESSION=$(${post(initialize)} -D - -o /dev/null | ${toSession})`,
    },
    {
      title: 'say that the client is ready',
      command: `${post({ method: 'notifications/initialized' }, session)} -w '%{http_code}\\n'`,
    },
    { title: 'list the tools', command: post({ id: 2, method: 'tools/list' }, session) },
    {
      title: 'call one',
      command: post(
        { id: 3, method: 'tools/call', params: { name: call.tool, arguments: call.input } },
        session,
      ),
    },
    {
      title: 'end the session',
      command: `curl -s -X DELETE -H "${authorization}" -H "${session}" -w '%{http_code}\\n' ${url}`,
    },
  ];
}
