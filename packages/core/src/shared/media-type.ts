import { rememberingLast } from './remembering.js';

/** The media type of JSON (RFC 8259). */
export const JSON_TYPE = 'application/json';

/** The media type of an event stream (HTML Standard §9.2). */
export const STREAM_TYPE = 'text/event-stream';

/** What a client takes. */
export interface Accepted {
  readonly json: boolean;
  readonly stream: boolean;
}

/** What an `Accept` value admits of the two things that are answered here; without one, nothing. */
export function acceptedBy(value: string | null): Accepted {
  return value === null ? NOTHING : acceptedByText(value);
}

const NOTHING: Accepted = Object.freeze({ json: false, stream: false });

const acceptedByText = rememberingLast((value): Accepted => {
  return Object.freeze({ json: accepts(value, JSON_TYPE), stream: accepts(value, STREAM_TYPE) });
});

/** The media type of a `Content-Type` value: lower case, without parameters; empty when there is none. */
export function mediaTypeOf(value: string | null): string {
  if (value === null) return '';
  const end = value.indexOf(';');
  return (end === -1 ? value : value.slice(0, end)).trim().toLowerCase();
}

/**
 * Whether an `Accept` value admits a media type (RFC 9110 §12.5.1): by name, by `type/*` or by the full wildcard,
 * and not with a quality of zero.
 */
export function accepts(value: string | null, mediaType: string): boolean {
  if (value === null) return false;
  const [type] = mediaType.split('/');
  return value.split(',').some((range) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (name !== mediaType && name !== `${type ?? ''}/*` && name !== '*/*') return false;
    return !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}
