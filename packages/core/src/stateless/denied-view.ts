import type { RequestView } from '../servers/message-extra.js';
import { isPlainObject } from '../shared/values.js';
import type { StatelessCall } from './calls/stateless-call.js';

const ENCODED = /^=\?base64\?(.*)\?=$/i;

/** What the SDK sees of a request: where its caller may not use the tool, one for a tool that nobody has. */
export function deniedView(
  { shaped, request }: StatelessCall,
  view: RequestView,
  body: unknown,
): { readonly view: object; readonly body: unknown } {
  const name = request?.params?.['name'];
  const unknownName = shaped?.request.params?.['name'];
  if (shaped?.denied !== true || typeof name !== 'string' || typeof unknownName !== 'string')
    return { view, body };
  const { headers } = view;
  // A header that says something else than the body stays as it is, for the SDK to complain of.
  if (decoded(headers.get('mcp-name')) === name) headers.set('mcp-name', unknownName);
  const renamed = isPlainObject(body) ? { ...body, params: shaped.request.params } : body;
  return {
    view: { method: view.method, url: view.url, signal: view.signal, headers },
    body: renamed,
  };
}

function decoded(header: string | null): string | undefined {
  const encoded = header === null ? undefined : ENCODED.exec(header)?.[1];
  if (encoded === undefined) return header ?? undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch {
    return undefined;
  }
}
