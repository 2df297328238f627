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
