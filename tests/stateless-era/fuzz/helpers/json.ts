/** An object of JSON that can be changed. */
export type JsonObject = Record<string, unknown>;

const RAW = /"@json:((?:[^"\\]|\\.)*)"/g;

/** A value that becomes exactly this text in a message: numbers, for instance, that no number of JavaScript prints as. */
export const rawJson = (text: string): string => `@json:${text}`;

/** The text of a value, with raw parts put in. */
export function toText(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  return (text ?? '').replaceAll(RAW, '$1');
}

/** Gives an object a property of its own, also where the name is `__proto__`. */
export function setOwn(object: JsonObject, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as text in which the order of keys does not matter. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (!isObject(inner)) return inner;
    const sorted: JsonObject = {};
    for (const key of Object.keys(inner).sort()) setOwn(sorted, key, inner[key]);
    return sorted;
  });
}
