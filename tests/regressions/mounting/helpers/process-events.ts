import { closeLater } from '../../../session-era/helpers/cleanup.js';

/** The warnings of the process from now on, until the test is over. */
export function processWarnings(): string[] {
  const warnings: string[] = [];
  const note = ({ name, message }: Error): void => {
    warnings.push(`${name}: ${message}`);
  };
  process.on('warning', note);
  closeLater(() => process.off('warning', note));
  return warnings;
}

/** Errors that nobody has caught from now on, until the test is over. */
export function uncaughtErrors(): unknown[] {
  const errors: unknown[] = [];
  const note = (error: unknown): void => {
    errors.push(error);
  };
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
  closeLater(() => {
    process.off('uncaughtException', note);
    process.off('unhandledRejection', note);
  });
  return errors;
}
