import type { ListLog, LogLine } from '../contract/system.js';

const LEVELS = ['debug', 'info', 'warn', 'error'];

/** Reads printed lines back, the newest first. @param printed - JSON, the oldest first */
export function logLinesOf(printed: readonly string[], { limit, level }: ListLog): LogLine[] {
  const least = level === undefined ? 0 : LEVELS.indexOf(level);
  const lines: LogLine[] = [];
  for (const text of printed.toReversed()) {
    const { time, level: own, msg, ...facts } = JSON.parse(text);
    if (LEVELS.indexOf(own) >= least) lines.push({ at: time, level: own, message: msg, facts });
    if (lines.length >= limit) break;
  }
  return lines;
}
