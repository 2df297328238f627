/** Ids that look like a session's and are not, by what was done to it. */
export function forgedIds(id: string): Readonly<Record<string, string>> {
  return {
    'one character changed': replaceAt(id, Math.floor(id.length / 2)),
    'its first character changed': replaceAt(id, 0),
    'its last character changed': replaceAt(id, id.length - 1),
    'one character more': `${id}A`,
    'one character more in front': `A${id}`,
    'one character less': id.slice(0, -1),
    'its first half': id.slice(0, id.length / 2),
    'upper case': otherCase(id, id.toUpperCase()),
    'lower case': otherCase(id, id.toLowerCase()),
    reversed: Array.from(id).reverse().join(''),
    'quotes around it': `"${id}"`,
    'one character escaped': `%${id.charCodeAt(0).toString(16)}${id.slice(1)}`,
    'itself twice': `${id},${id}`,
    'another one behind it': `${id}, unknown`,
    padding: `${id}=`,
    'the name of a property': '__proto__',
    'no character at all': '',
    'very many characters': 'x'.repeat(4000),
  };
}

/** An id of the same form that nobody ever had. */
export function unknownId(id: string): string {
  return 'A'.repeat(id.length);
}

function replaceAt(id: string, index: number): string {
  return id.slice(0, index) + (id[index] === 'A' ? 'B' : 'A') + id.slice(index + 1);
}

/** Of all random ids, one in more than a billion has no letter to change. */
function otherCase(id: string, changed: string): string {
  return changed === id ? replaceAt(id, 0) : changed;
}
