import type { Command } from 'commander';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { addPasswordOptions, type PasswordOptions, requiredPassword } from '../passwords.js';
import { urlOf } from './user-output.js';

export function setupCommand(program: Command, context: () => Context): void {
  const command = program
    .command('setup')
    .description('make the first administrator, or print a new one-time link that does')
    .option('--email <address>', 'whom to make the administrator, with a password of your choice')
    .option('--name <name>', 'as others see them');
  addPasswordOptions(command)
    .addHelpText(
      'after',
      '\nExamples:\n  gatehouse setup                                 a link, good once and for 30 minutes\n  gatehouse setup --email ada@example.com         asks for a password\n  gatehouse setup --email ada@example.com --password-file /run/secrets/admin',
    )
    .action(async (options: PasswordOptions & { email?: string; name?: string }) => {
      const { terminal } = context();
      const { email, name } = options;
      if (email === undefined) {
        if (options.passwordStdin === true || options.passwordFile !== undefined || options.password !== undefined)
          throw new CommandError(EXIT.usage, 'Whose password is it? Add --email.');
        await context().withApi(async (api) => {
          const { link } = await api.call('prepareSetup', { body: {} });
          if (link === null) return;
          const url = urlOf(context(), link);
          terminal.result({ ...link, url }, () => url, url);
          terminal.say('It makes the first administrator, once, within 30 minutes. The link before it is over.');
        });
        return;
      }
      const password = await requiredPassword(options, terminal);
      await context().withApi(async (api) => {
        const body = { email, password, ...(name === undefined ? {} : { name }) };
        const { user } = await api.call('prepareSetup', { body });
        if (user === null) return;
        terminal.result(user, () => `${user.email} is the first administrator and can sign in.`, user.id);
      });
    });
}
