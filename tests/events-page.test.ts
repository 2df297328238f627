import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PER_BEARER_EVENT_NAMES, TESSERA_EVENT_NAMES } from '@tessera-mcp/core';
import { describe, expect, it } from 'vitest';
import { renderEventsPage } from '../scripts/render-events.js';

const PAGE = readFileSync(fileURLToPath(new URL('../docs/events.md', import.meta.url)), 'utf8');

/** The first column of the tables below a heading. */
function namesBelow(heading: string): string[] {
  const [, section = ''] =
    new RegExp(`^## ${heading}\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(PAGE) ?? [];
  return [...section.matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name);
}

describe('the page about events', () => {
  it('lists every event of the one-line server, and no other', () => {
    expect(namesBelow('The one-line server').sort()).toEqual([...PER_BEARER_EVENT_NAMES].sort());
  });

  it('lists every event of a tessera, and no other', () => {
    expect(namesBelow('A tessera').sort()).toEqual([...TESSERA_EVENT_NAMES].sort());
  });

  it('says of each what the event map says', async () => {
    const rendered = await renderEventsPage();
    const words = (text: string): string => text.replace(/[\s|-]+/g, ' ');
    expect(words(PAGE)).toBe(words(`${rendered.trimEnd()}\n`));
  });
});
