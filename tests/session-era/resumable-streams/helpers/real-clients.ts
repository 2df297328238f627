import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';

import { closeLater } from '../../helpers/cleanup.js';

/** A client of an SDK, connected. */
export interface ConnectedClient {
  /** What log messages have said, in order. */
  readonly said: string[];
  /** Calls the tool `work`. */
  work(text: string, onProgress: (progress: number) => void, signal?: AbortSignal): Promise<string>;
}

/** Connects clients of one SDK; they are closed after the test. */
export interface RealClient {
  readonly name: string;
  connect(url: URL, token: string): Promise<ConnectedClient>;
}

const INFO = { name: 'real client', version: '1.0.0' };

const RECONNECTION = {
  initialReconnectionDelay: 20,
  maxReconnectionDelay: 100,
  reconnectionDelayGrowFactor: 1,
  maxRetries: 20,
};

const optionsFor = (token: string): object => ({
  requestInit: { headers: { authorization: `Bearer ${token}` } },
  reconnectionOptions: RECONNECTION,
});

const textOf = (result: unknown): string =>
  (result as { content?: { text?: string }[] }).content?.[0]?.text ?? JSON.stringify(result);

async function connectV1(url: URL, token: string): Promise<ConnectedClient> {
  const client = new ClientV1(INFO);
  const said: string[] = [];
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
    said.push(String(params.data));
  });
  await client.connect(new TransportV1(url, optionsFor(token)));
  closeLater(() => client.close());
  return {
    said,
    work: async (text, onProgress, signal) =>
      textOf(
        await client.callTool({ name: 'work', arguments: { text } }, undefined, {
          onprogress: ({ progress }) => {
            onProgress(progress);
          },
          ...(signal === undefined ? {} : { signal }),
        }),
      ),
  };
}

async function connectV2(url: URL, token: string): Promise<ConnectedClient> {
  const client = new ClientV2(INFO);
  const said: string[] = [];
  client.setNotificationHandler('notifications/message', ({ params }) => {
    said.push(String(params.data));
  });
  await client.connect(new TransportV2(url, optionsFor(token)));
  closeLater(() => client.close());
  return {
    said,
    work: async (text, onProgress, signal) =>
      textOf(
        await client.callTool(
          { name: 'work', arguments: { text } },
          {
            onprogress: ({ progress }) => {
              onProgress(progress);
            },
            ...(signal === undefined ? {} : { signal }),
          },
        ),
      ),
  };
}

export const REAL_CLIENTS: readonly RealClient[] = [
  { name: 'client of SDK v1', connect: connectV1 },
  { name: 'client of SDK v2', connect: connectV2 },
];
