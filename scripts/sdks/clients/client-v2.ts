import { importFrom, type Release } from '../releases.js';
import {
  NOTIFICATIONS,
  type CallOptions,
  type Notification,
  type Question,
  type SdkClient,
} from './client.js';
import {
  openClient,
  type Client,
  type ClientDialect,
  type Destination,
  type ToolResult,
} from './open-client.js';

interface ClientV2 extends Client {
  callTool(parameters: object, options: CallOptions): Promise<ToolResult>;
  setRequestHandler(method: Question, handle: () => object): void;
  setNotificationHandler(method: string, handle: (notification: Notification) => void): void;
}

type Modules = Pick<ClientDialect<ClientV2>, 'Client' | 'StreamableHTTPClientTransport'>;

/** How clients are opened with a release of version 2. They ask for a session, as they do when nothing else is said. */
export async function clientsV2(release: Release): Promise<(to: Destination) => SdkClient> {
  const { Client, StreamableHTTPClientTransport } = (await importFrom(release, 'dist/index.mjs')) as Modules;
  const dialect: ClientDialect<ClientV2> = {
    Client,
    StreamableHTTPClientTransport,
    knows: () => true,
    onQuestion: (client, question, answer) => {
      client.setRequestHandler(question, answer);
    },
    onNotifications: (client, hear) => {
      for (const method of NOTIFICATIONS) client.setNotificationHandler(method, hear);
    },
    callTool: (client, parameters, options) => client.callTool(parameters, options),
  };
  return (to) => openClient(dialect, to);
}
