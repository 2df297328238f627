/** A `Retry-After` header (RFC 9110 §10.2.3) of at least one second. */
export function retryAfter(delayMs = 1000): Readonly<Record<string, string>> {
  return { 'retry-after': String(Math.max(1, Math.ceil(delayMs / 1000))) };
}
