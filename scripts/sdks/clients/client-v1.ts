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

interface ClientV1 extends Client {
  callTool(parameters: object, resultSchema: undefined, options: CallOptions): Promise<ToolResult>;
  setRequestHandler(schema: unknown, handle: () => object): void;
  setNotificationHandler(schema: unknown, handle: (notification: Notification) => void): void;
}

type Modules = Pick<ClientDialect<ClientV1>, 'Client' | 'StreamableHTTPClientTransport'>;

const QUESTION_SCHEMAS: Readonly<Record<Question, string>> = {
  'sampling/createMessage': 'CreateMessageRequestSchema',
  'elicitation/create': 'ElicitRequestSchema',
  'roots/list': 'ListRootsRequestSchema',
};

const NOTIFICATION_SCHEMAS: Readonly<Record<(typeof NOTIFICATIONS)[number], string>> = {
  'notifications/message': 'LoggingMessageNotificationSchema',
  'notifications/resources/updated': 'ResourceUpdatedNotificationSchema',
  'notifications/tools/list_changed': 'ToolListChangedNotificationSchema',
  'notifications/resources/list_changed': 'ResourceListChangedNotificationSchema',
  'notifications/prompts/list_changed': 'PromptListChangedNotificationSchema',
};

/** How clients are opened with a release of version 1. */
export async function clientsV1(release: Release): Promise<(to: Destination) => SdkClient> {
  const files = ['client/index.js', 'client/streamableHttp.js'];
  const loaded = await Promise.all(files.map((file) => importFrom(release, `dist/esm/${file}`)));
  const modules = Object.assign({}, ...loaded) as Modules;
  const types = (await importFrom(release, 'dist/esm/types.js')) as Readonly<Record<string, unknown>>;
  const dialect: ClientDialect<ClientV1> = {
    Client: modules.Client,
    StreamableHTTPClientTransport: modules.StreamableHTTPClientTransport,
    knows: (question) => QUESTION_SCHEMAS[question] in types,
    onQuestion: (client, question, answer) => {
      client.setRequestHandler(types[QUESTION_SCHEMAS[question]], answer);
    },
    onNotifications: (client, hear) => {
      for (const method of NOTIFICATIONS)
        client.setNotificationHandler(types[NOTIFICATION_SCHEMAS[method]], hear);
    },
    callTool: (client, parameters, options) => client.callTool(parameters, undefined, options),
  };
  return (to) => openClient(dialect, to);
}
