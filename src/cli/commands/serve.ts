import type { Command } from 'commander';
import type { Context } from '../context.js';
import { CommandError, EXIT, type ExitCode } from '../exit-codes.js';

export function serveCommand(program: Command, context: () => Context): void {
  program
    .command('serve')
    .description('run the server until it is told to stop (SIGTERM or Ctrl+C)')
    .action(async () => {
      const { parts, terminal } = context();
      const code = await parts.serve(context().config(), (line) => terminal.result({ message: line }, () => line));
      if (code !== EXIT.ok) throw new CommandError(code as ExitCode, '');
    });
}
