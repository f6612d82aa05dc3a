import { createLogger, type Logger } from '../../src/kernel/logger.js';

/** A logger whose lines a test can read: everything that would have been printed. */
export function capturingLogger(): { log: Logger; text: () => string } {
  const lines: string[] = [];
  return { log: createLogger('debug', { write: (line: string) => void lines.push(line) }), text: () => lines.join('') };
}
