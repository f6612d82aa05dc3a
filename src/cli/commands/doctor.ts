import { type Command, Option } from 'commander';
import type { SystemCheck } from '../../contract/system.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { checkProxy } from '../proxy-check.js';
import { parseList } from './key-options.js';

export function doctorCommand(program: Command, context: () => Context): void {
  program
    .command('doctor')
    .description('look at files, keys and settings, or prove a proxy; exit 7 when something is wrong')
    .option('--proxy <url>', 'call an app behind a proxy as strangers do, with what they forge')
    .option('--scopes <list>', 'what the route at that address asks for', parseList)
    .addOption(
      new Option('--echo <port>', 'stand in for the app on this port, to see what reaches it').argParser(parsePort),
    )
    .action((options: { proxy?: string; scopes?: string[]; echo?: number }) =>
      context().withApi(async (api) => {
        const { proxy, scopes = [], echo = null } = options;
        if (proxy === undefined) show(context(), (await api.call('showSystem')).checks);
        else if (!/^https?:\/\//.test(proxy) || !URL.canParse(proxy))
          throw new CommandError(
            EXIT.usage,
            `--proxy ${JSON.stringify(proxy)}: write it like https://app.example.com/`,
          );
        else show(context(), await checkProxy(api, { url: proxy, scopes, echoPort: echo }));
      }),
    );
}

function show({ terminal }: Context, checks: readonly SystemCheck[]): void {
  terminal.result(checks, () => checks.map(({ name, state, words }) => `${state}  ${name}: ${words}`).join('\n'));
  const wrong = checks.filter(({ state }) => state === 'fail').length;
  terminal.say(
    terminal.paint(wrong > 0 ? 'red' : 'green', wrong > 0 ? `${wrong} of ${checks.length} failed.` : 'Nothing failed.'),
  );
  if (wrong > 0) throw new CommandError(EXIT.checkFailed, '');
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535)
    throw new CommandError(EXIT.usage, `--echo ${JSON.stringify(text)}: a port from 1 to 65535.`);
  return port;
}
