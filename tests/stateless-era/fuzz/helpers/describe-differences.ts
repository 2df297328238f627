import type { Difference, FuzzReport } from './fuzz.js';
import type { ReadAnswer } from './read-answer.js';

const MOST_SHOWN = 12;

/** Says how answers differed, one example of each kind; nothing when none did. */
export function describeDifferences({ seed, compared, differences }: FuzzReport): string {
  if (differences.length === 0) return '';
  const kinds = new Map<string, Difference[]>();
  for (const difference of differences) {
    const kind = `${difference.recipe.mutations.join(' + ')}: ${Object.values(difference.answers).map(summaryOf).join(' / ')}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), difference]);
  }
  const shown = [...kinds].slice(0, MOST_SHOWN).map(([kind, [first, ...others]]) => {
    return `${kind} (${String(others.length + 1)} times)\n${describe(first)}`;
  });
  return [
    `${String(differences.length)} of ${String(compared)} requests were answered differently, in ${String(kinds.size)} ways.`,
    `TESSERA_SEED=${String(seed)} tries the same requests again.`,
    ...shown,
  ].join('\n\n');
}

function describe(difference: Difference | undefined): string {
  if (difference === undefined) return '';
  const { recipe, request, answers } = difference;
  return [
    `  request ${String(recipe.index)}, ${recipe.wish}, sent by ${request.caller}`,
    ...request.headers.map(([name, value]) => `    ${name}: ${shorten(value)}`),
    `    ${shorten(request.body)}`,
    ...Object.entries(answers).map(([name, answer]) => `  ${name}: ${shorten(JSON.stringify(answer))}`),
  ].join('\n');
}

function summaryOf({ status, messages }: ReadAnswer): string {
  const { error } = (messages.at(-1) ?? {}) as { readonly error?: { readonly code?: number } };
  return error?.code === undefined ? String(status) : `${String(status)} ${String(error.code)}`;
}

const shorten = (text: string): string => (text.length > 1500 ? `${text.slice(0, 1500)}…` : text);
