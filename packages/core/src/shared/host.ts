import { rememberingLast } from './remembering.js';

/** A host and an optional port, as in a `Host` header or an origin. */
export interface HostAndPort {
  /** Lower case; an IPv6 address keeps its brackets. */
  readonly host: string;
  readonly port: string;
}

const NAME = /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*\.?$/;
const IPV6 = /^\[[0-9a-f:.]{2,45}\]$/;
const PORT = /^[0-9]{1,5}$/;
const LARGEST_PORT = 65_535;
const LOOPBACK_IPV4 = /^127(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}$/;
const ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/([^/?#@\\\s]+)$/;

/**
 * Reads a `Host` value by a strict grammar (RFC 9110 §7.2): a name, a dotted IPv4 address or a bracketed IPv6
 * address, and an optional port. Nothing else: no user, no path, no shorthand such as `127.1`.
 */
export function parseHost(value: string): HostAndPort | undefined {
  return readHost(value);
}

const readHost = rememberingLast((value): HostAndPort | undefined => {
  const text = value.toLowerCase();
  const end = text.startsWith('[') ? text.indexOf(']') + 1 : text.indexOf(':');
  const host = end <= 0 ? (text.startsWith(':') ? '' : text) : text.slice(0, end);
  const rest = text.slice(host.length);
  if (rest !== '' && !(rest.startsWith(':') && isPort(rest.slice(1)))) return undefined;
  if (!NAME.test(host) && !IPV6.test(host)) return undefined;
  return Object.freeze({ host, port: rest.slice(1) });
});

function isPort(text: string): boolean {
  return PORT.test(text) && Number(text) <= LARGEST_PORT;
}

/** Whether a host can only mean this machine. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || LOOPBACK_IPV4.test(host);
}

/** Reads an `Origin` value (RFC 6454 §7): scheme, host and port, nothing more. `null` is not an origin. */
export function parseOrigin(value: string): (HostAndPort & { readonly scheme: string }) | undefined {
  const match = ORIGIN.exec(value.toLowerCase());
  const parsed = match?.[2] === undefined ? undefined : parseHost(match[2]);
  if (match?.[1] === undefined || parsed === undefined) return undefined;
  return { ...parsed, scheme: match[1] };
}
