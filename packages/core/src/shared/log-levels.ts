/** Levels of log messages, the least severe first (MCP "Logging"). */
export const LOG_LEVELS: readonly unknown[] = Object.freeze([
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
]);
