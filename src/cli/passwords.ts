import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { CommandError, EXIT } from './exit-codes.js';
import type { Terminal } from './terminal.js';

export interface PasswordOptions {
  passwordStdin?: boolean;
  passwordFile?: string;
  password?: string;
}

/** Ways to give a password that neither `ps` nor the shell's history sees. */
export function addPasswordOptions(command: Command): Command {
  return command
    .option('--password-stdin', 'read the password from standard input')
    .option('--password-file <file>', 'read the password from a file')
    .addOption(new Option('--password <text>').hideHelp());
}

/**
 * @returns `null` when none was given
 * @throws CommandError when it stood on the command line, or cannot be read
 */
export async function givenPassword(options: PasswordOptions, terminal: Terminal): Promise<string | null> {
  if (options.password !== undefined) {
    const why = 'A password does not belong on a command line: `ps` and the shell history show it.';
    throw new CommandError(EXIT.usage, `${why} Use --password-stdin or --password-file.`);
  }
  if (options.passwordStdin === true) return required(await terminal.readInput('the password'));
  if (options.passwordFile === undefined) return null;
  try {
    return required(readFileSync(options.passwordFile, 'utf8').replace(/\r?\n$/, ''));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(EXIT.usage, `--password-file ${options.passwordFile} cannot be read (${code}).`);
  }
}

/** The same, or what the person at the terminal types without seeing it, twice. */
export async function requiredPassword(options: PasswordOptions, terminal: Terminal): Promise<string> {
  const given = await givenPassword(options, terminal);
  if (given !== null) return given;
  const first = await terminal.askHidden('Password (12 characters or more): ');
  if ((await terminal.askHidden('Once more: ')) !== first)
    throw new CommandError(EXIT.usage, 'The two are not the same. Nothing was changed.');
  return required(first);
}

function required(password: string): string {
  if (password === '') throw new CommandError(EXIT.usage, 'The password is empty.');
  return password;
}
