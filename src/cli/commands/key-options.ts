import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { ENVIRONMENTS } from '../../contract/fields.js';
import { API_KEY_TYPES, type CreateKey } from '../../contract/keys.js';
import { parseExpiry, parseRate } from '../durations.js';
import { CommandError, EXIT } from '../exit-codes.js';
import type { Terminal } from '../terminal.js';

export interface BoundOptions {
  scopes?: string[];
  expires?: string;
  workspaces?: string[];
  credentials?: string[];
  ip?: string[];
  allowOrigin?: string[];
  rate?: string;
  note?: string;
}

/** `a, b` as a list. */
export function parseList(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** An option that is given several times, or empty for an empty list. */
function gather(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), ...parseList(text)];
}

/** The options that bound a key: the same for create, update and adopt. */
export function addBoundOptions(command: Command): Command {
  return command
    .option('--scopes <list>', 'what it may do, separated by commas (default: the client preset)', parseList)
    .option('--expires <when>', '90d, 2027-01-31 or never')
    .option('--workspaces <list>', 'workspaces it may reach (default: all)', parseList)
    .option('--credentials <list>', 'stored credentials it may use (default: none)', parseList)
    .option('--ip <list>', 'addresses and CIDR ranges it is good from (default: any)', parseList)
    .option(
      '--allow-origin <origin>',
      'origin whose pages may use it; several times for several (default: any)',
      gather,
    )
    .option('--rate <limit>', 'its own limit, such as 100/h')
    .option('--note <text>', 'where it is used, for those who come after');
}

export function typeOption(): Option {
  return new Option('--type <type>', 'what holds it').choices(API_KEY_TYPES).default('sdk');
}

export function addEnvironmentOption(command: Command): Command {
  return command.addOption(new Option('--env <environment>', 'where it is used').choices(ENVIRONMENTS));
}

/** Options as the fields of the API; what was not given is left out. */
export function boundFields(options: BoundOptions, nowMs: number): Partial<CreateKey> {
  return {
    ...(options.scopes === undefined ? {} : { scopes: options.scopes }),
    ...(options.expires === undefined ? {} : { expiresAt: parseExpiry(options.expires, nowMs) }),
    ...(options.workspaces === undefined ? {} : { workspaceIds: options.workspaces }),
    ...(options.credentials === undefined ? {} : { credentialIds: options.credentials }),
    ...(options.ip === undefined ? {} : { allowedIps: options.ip }),
    ...(options.allowOrigin === undefined ? {} : { allowedOrigins: options.allowOrigin }),
    ...(options.rate === undefined ? {} : { rateLimit: parseRate(options.rate) }),
    ...(options.note === undefined ? {} : { note: options.note }),
  };
}

/** A token from a file or standard input; never from an argument, where `ps` and the shell's history see it. */
export async function readToken(options: { tokenFile?: string }, terminal: Terminal): Promise<string> {
  if (options.tokenFile === undefined) {
    const token = (await terminal.readInput('the key')).trim();
    if (token === '')
      throw new CommandError(EXIT.usage, 'Nothing came on standard input. Pipe the key in, or use --token-file.');
    return token;
  }
  try {
    return readFileSync(options.tokenFile, 'utf8').trim();
  } catch (error) {
    throw new CommandError(
      EXIT.usage,
      `--token-file ${options.tokenFile} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
}
