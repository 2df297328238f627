const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Bytes as unpadded base64url (RFC 4648 §5). */
export function toBase64Url(bytes: Uint8Array): string {
  const characters: string[] = [];
  for (let index = 0; index < bytes.length; index += 3) {
    const first = bytes[index] ?? 0;
    const second = bytes[index + 1] ?? 0;
    const third = bytes[index + 2] ?? 0;
    characters.push(ALPHABET.charAt(first >> 2), ALPHABET.charAt(((first & 3) << 4) | (second >> 4)));
    if (index + 1 < bytes.length) characters.push(ALPHABET.charAt(((second & 15) << 2) | (third >> 6)));
    if (index + 2 < bytes.length) characters.push(ALPHABET.charAt(third & 63));
  }
  // Joined at once: a text that was added to piece by piece keeps its pieces, which is ten times its size.
  return characters.join('');
}

/** Bytes as lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The bytes of unpadded base64url; undefined for any other text. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  const spare = text.length % 4;
  if (spare === 1 || !/^[\w-]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let length = 0;
  for (const character of text) {
    held = (held << 6) | ALPHABET.indexOf(character);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length] = (held >> bits) & 255;
    length += 1;
    held &= (1 << bits) - 1;
  }
  // Bits that stand for nothing must be zero, or several texts would be the same bytes.
  return held === 0 ? bytes : undefined;
}
