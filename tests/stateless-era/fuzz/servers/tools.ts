import { z } from 'zod';
import { canonical } from '../helpers/json.js';
import type { Asked } from './asked.js';

/** A tool of the fixture servers. What it answers depends on its call alone. */
export interface FixtureTool {
  readonly name: string;
  readonly description?: string;
  readonly shape?: z.ZodRawShape;
  readonly output?: z.ZodRawShape;
  readonly annotations?: { readonly readOnlyHint?: boolean };
  /** The scope that SDK v2 challenges for. */
  readonly scope?: string;
  readonly call: (asked: Asked) => object | Promise<object>;
}

/** A result that holds a text. */
const textResult = (text: string): object => ({ content: [{ type: 'text', text }] });

const jsonResult = (value: unknown): object => textResult(JSON.stringify(value));

// Made once: converting schemas is most of what a server costs.
const ADD = { a: z.number(), b: z.number().optional(), label: z.string().max(20).optional() };
const MEASURE = { value: z.number(), wrong: z.boolean().optional() };
const MEASURED = { value: z.number() };
const REGIONAL = {
  region: z.string().meta({ 'x-mcp-header': 'Region' }),
  count: z.number().int().optional().meta({ 'x-mcp-header': 'Count' }),
  strict: z.boolean().optional().meta({ 'x-mcp-header': 'Strict' }),
  place: z.object({ zone: z.string().meta({ 'x-mcp-header': 'Zone' }) }).optional(),
};
const STEPS = { count: z.number().int().min(0).max(3) };

/** Tools that the high-level servers of both SDKs have. */
export const TOOLS: readonly FixtureTool[] = [
  { name: 'hello', description: 'Says hello.', call: () => textResult('hello') },
  {
    name: 'add',
    shape: ADD,
    annotations: { readOnlyHint: true },
    call: ({ given }) => jsonResult([given['label'], sumOf(given)]),
  },
  {
    name: 'measure',
    shape: MEASURE,
    output: MEASURED,
    call: ({ given: { value, wrong } }) => ({
      content: [],
      structuredContent: { value: wrong === true ? 'none' : value },
    }),
  },
  { name: 'regional', shape: REGIONAL, call: ({ given }) => jsonResult(given) },
  {
    name: 'fail',
    call: fail,
  },
  { name: 'refuse', call: () => ({ ...textResult('not today'), isError: true }) },
  {
    name: 'steps',
    shape: STEPS,
    call: takeSteps,
  },
  {
    name: 'tell',
    call: tell,
  },
  { name: 'who', call: ({ who }) => jsonResult(who) },
  // The order of members says nothing (RFC 8259 §4), and the SDKs put the ones they know first.
  { name: 'meta', call: ({ meta }) => textResult(canonical(meta ?? null)) },
  { name: 'probe', call: ({ header }) => jsonResult([header('x-probe'), header('mcp-method')]) },
  { name: 'guarded', scope: 'admin', call: () => textResult('for those who may') },
];

function fail(): never {
  throw new Error('no luck');
}

async function takeSteps({ given: { count }, progress }: Asked): Promise<object> {
  for (let step = 1; step <= Number(count); step += 1) await progress(step);
  return textResult(`${String(count)} steps`);
}

async function tell({ log }: Asked): Promise<object> {
  await log('debug', 'in detail');
  await log('warning', 'in short');
  return textResult('told');
}

function sumOf({ a, b = 0 }: Readonly<Record<string, unknown>>): number {
  return Number(a) + Number(b);
}
