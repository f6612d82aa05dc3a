import { type DestinationStream, pino } from 'pino';
import { isGatehouseError } from './errors.js';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Values a log line may hold: flat facts, named one by one by the caller. Objects never go in whole. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A logger that can be asked for its last lines. */
export interface RecentLines {
  /** As they were printed, the oldest first; left out: it keeps none. */
  recent?(): readonly string[];
}

/** Field names that must never reach a log, whoever passes them: the second net behind flat, named fields. */
const NEVER = ['authorization', 'cookie', 'token', 'key', 'secret', 'password', 'presentedKey', 'x-api-key'];

/** How many printed lines are kept, and how long each may be. Warnings and errors for themselves: requests push out neither. */
const KEPT_LINES = 150;
const KEPT_CHARACTERS = 4_000;
const SEVERE = /^\{"level":"(?:warn|error)"/;

/** JSON lines to `destination` (default: standard error, since standard output belongs to commands). */
export function createLogger(
  level: LogLevel,
  destination: DestinationStream = pino.destination(2),
): Logger & RecentLines {
  const kept: { readonly count: number; readonly line: string }[][] = [[], []];
  let count = 0;
  // Behind pino, so that what is kept went through the same nets as what is printed.
  const both: DestinationStream = {
    write(line) {
      const ring = kept[SEVERE.test(line) ? 1 : 0];
      count += 1;
      if (line.length <= KEPT_CHARACTERS) ring?.push({ count, line });
      if ((ring?.length ?? 0) > KEPT_LINES) ring?.shift();
      destination.write(line);
    },
  };
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: NEVER.map((name) => `["${name}"]`), censor: '[redacted]' },
    },
    both,
  );
  return {
    debug: (message, fields) => log.debug(fields ?? {}, message),
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
    recent: () =>
      kept
        .flat()
        .sort((a, b) => a.count - b.count)
        .map(({ line }) => line),
  };
}

/**
 * A thrown thing as log fields: class and code, and for system errors the code and call.
 * Messages of foreign errors are left out: Node quotes header values in some of them.
 */
export function describeError(error: unknown): LogFields {
  if (isGatehouseError(error)) {
    return { error: error.code, detail: error.detail, ...(error.cause === undefined ? {} : causeOf(error.cause)) };
  }
  if (!(error instanceof Error)) return { error: typeof error };
  const { code, syscall } = error as NodeJS.ErrnoException;
  // The stack repeats the message, and a line of that may look like a frame.
  const frame = error.stack
    ?.replace(error.message, () => '')
    .split('\n')
    .find((line) => line.trimStart().startsWith('at '));
  return { error: error.name, errno: code, syscall, at: frame?.trim() };
}

function causeOf(cause: unknown): LogFields {
  const facts = describeError(cause);
  return { cause: facts['error'], errno: facts['errno'], syscall: facts['syscall'], at: facts['at'] };
}
