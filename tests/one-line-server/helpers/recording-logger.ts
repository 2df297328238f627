import type { Logger } from '@tessera-mcp/core';

/** A logger that keeps its lines. */
export interface RecordingLogger extends Logger {
  readonly lines: Readonly<Record<'debug' | 'info' | 'warn' | 'error', string[]>>;
  /** Every line of every level. */
  readonly all: () => string[];
}

export function recordingLogger(): RecordingLogger {
  const lines = { debug: [] as string[], info: [] as string[], warn: [] as string[], error: [] as string[] };
  return {
    lines,
    all: () => Object.values(lines).flat(),
    debug: (message) => void lines.debug.push(message),
    info: (message) => void lines.info.push(message),
    warn: (message) => void lines.warn.push(message),
    error: (message) => void lines.error.push(message),
  };
}
