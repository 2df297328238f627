import { mediaType } from '../../../session-era/helpers/streams.js';

/** All of an answer that is compared. */
export interface ReadAnswer {
  readonly status: number;
  readonly type?: string | undefined;
  /** The challenge of a refusal. */
  readonly challenge?: string;
  /** Messages, in order; text where there is no message. */
  readonly messages: readonly unknown[];
}

/** Reads an answer. A stream that is for listening is left as soon as it is acknowledged: it would not end. */
export async function readAnswer(response: Response): Promise<ReadAnswer> {
  const type = mediaType(response);
  const challenge = response.headers.get('www-authenticate');
  const messages =
    type === 'text/event-stream' ? await readStream(response) : toMessages(await response.text());
  return {
    status: response.status,
    // Where there is nothing, it does not matter what it is called.
    ...(messages.length === 0 ? {} : { type }),
    ...(challenge === null ? {} : { challenge }),
    messages,
  };
}

function toMessages(text: string): unknown[] {
  if (text === '') return [];
  try {
    return [JSON.parse(text)];
  } catch {
    return [text];
  }
}

async function readStream({ body }: Response): Promise<unknown[]> {
  const messages: unknown[] = [];
  if (body === null) return messages;
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return messages;
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const data = line.startsWith('data:') ? line.slice('data:'.length).trim() : '';
      if (data !== '') messages.push(...toMessages(data));
    }
    if (messages.some(isAcknowledgement)) {
      await reader.cancel();
      return messages;
    }
  }
}

function isAcknowledgement(message: unknown): boolean {
  const { method } = message as { readonly method?: unknown };
  return method === 'notifications/subscriptions/acknowledged';
}
