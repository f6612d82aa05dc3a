import type { Command } from 'commander';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { localUrl } from '../local-url.js';
import { table } from '../terminal.js';

const HEALTH_TIMEOUT_MS = 4000;

export function systemCommands(program: Command, context: () => Context): void {
  const config = program.command('config').description('the settings of this instance');
  config
    .command('show')
    .description('every setting, where it comes from, secrets by their length only')
    .action(() => {
      const { terminal } = context();
      const { shown, warnings } = context().config();
      terminal.result(
        shown,
        () =>
          table(
            ['SETTING', 'VALUE', 'SOURCE'],
            shown.map(({ name, value, source }) => [name, value, source]),
          ),
        undefined,
        warnings.map(({ code, words }) => `${code}: ${words}`),
      );
      for (const { code, words } of warnings) terminal.say(`${terminal.paint('yellow', code)}: ${words}`);
    });

  program
    .command('healthcheck')
    .description('exit 0 when the server on this machine answers, else 1 (what the image asks)')
    .action(async () => {
      const { terminal } = context();
      const url = `${localUrl(context().config())}/healthz`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS), redirect: 'error' }).catch(
        () => null,
      );
      if (answer?.status !== 200) throw new CommandError(EXIT.failed, `${url} does not answer.`);
      terminal.result({ status: 'ok' }, () => 'ok');
    });

  program
    .command('version')
    .description('the version of this build')
    .action(() => {
      const { terminal, parts } = context();
      terminal.result({ version: parts.version, node: process.version }, () => parts.version, parts.version);
    });
}
