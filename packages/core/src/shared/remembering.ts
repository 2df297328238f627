/**
 * The same function of a text, which remembers what it has made of the last one: clients say the same at each request, and most
 * of them what the others say. Only for functions that depend on nothing else, and give nothing that can be changed.
 */
export function rememberingLast<Value>(read: (text: string) => Value): (text: string) => Value {
  let last: { readonly text: string; readonly value: Value } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, value: read(text) };
    return last.value;
  };
}
