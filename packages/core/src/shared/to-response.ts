import type { Answer } from './edge.js';

/** An answer as a Web `Response`. */
export function toResponse({ status, headers, body }: Answer): Response {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string'
      ? [[name, value] as [string, string]]
      : value.map((one): [string, string] => [name, one]),
  );
  return new Response(body, { status, headers: pairs });
}
