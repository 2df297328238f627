import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { coreErrors, type ErrorKind } from '@tessera-mcp/core';
import { fastifyErrors } from '@tessera-mcp/fastify';
import { nodeErrors } from '@tessera-mcp/node';
import { describe, expect, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('../docs/errors/', import.meta.url));
const TABLES: Readonly<Record<string, ErrorKind>>[] = [coreErrors, nodeErrors, fastifyErrors];

const codes = TABLES.flatMap((table) => Object.keys(table));
const pages = readdirSync(FOLDER)
  .filter((name) => name !== 'README.md')
  .map((name) => name.replace(/\.md$/, ''));

describe('the pages about errors', () => {
  it('exist for every code', () => {
    expect(codes.filter((code) => !pages.includes(code))).toEqual([]);
  });

  it('exist for no code that is in no table', () => {
    expect(pages.filter((page) => !codes.includes(page))).toEqual([]);
  });

  it('are listed in the index', () => {
    const index = readFileSync(`${FOLDER}README.md`, 'utf8');
    expect(codes.filter((code) => !index.includes(`(${code}.md)`))).toEqual([]);
  });

  it('begin with their code and say what to do', () => {
    for (const page of pages) {
      const text = readFileSync(`${FOLDER}${page}.md`, 'utf8');
      expect(text.startsWith(`# ${page}\n`), page).toBe(true);
      expect(text, page).toMatch(/^## Fix$/m);
    }
  });
});

describe('the codes of errors', () => {
  it('are unique across the packages', () => {
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('are lower-case words that their kind and their page repeat', () => {
    for (const table of TABLES) {
      for (const [code, kind] of Object.entries(table)) {
        expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
        expect(kind.code).toBe(code);
        expect(kind.page).toBe(`https://tessera-mcp.github.io/tessera/errors/${code}`);
      }
    }
  });
});
