import type { Command } from 'commander';
import type { NetworkChange, NetworkView, SetNetwork } from '../../contract/settings.js';
import { AddressSet, parseAddress, parseNetwork } from '../../kernel/addresses.js';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { parseDuration } from '../durations.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { ago } from '../terminal.js';

interface ChangeOptions {
  readonly dryRun?: boolean;
  readonly revertAfter?: string;
}

export function allowlistCommands(program: Command, context: () => Context): void {
  const allowlist = program
    .command('allowlist')
    .description('the saved list of addresses that may call, beside ALLOWED_IPS');
  const show = (view: NetworkView) =>
    context().terminal.result(view, () => describe(view), view.allowedIps?.join('\n') ?? '*');

  allowlist
    .command('show')
    .description('both lists; an address has to pass both')
    .action(() => context().withApi(async (api) => show(await api.call('showNetwork'))));

  const change = (name: string, description: string, next: (view: NetworkView, entries: string[]) => string[] | null) =>
    allowlist
      .command(name)
      .description(description)
      .argument('<entry...>', 'addresses and CIDR ranges')
      .option('--dry-run', 'only tell which addresses of the last day it would keep out')
      .option(
        '--revert-after <time>',
        'the list before comes back unless `allowlist confirm` runs meanwhile, such as 5m',
      )
      .action((entries: string[], options: ChangeOptions) =>
        context().withApi(async (api) => {
          const body = next(await api.call('showNetwork'), entries);
          await apply(context(), api, body, options);
        }),
      );
  change('add', 'add to it; the first entry makes a list, which keeps all others out', (view, entries) => [
    ...(view.allowedIps ?? []),
    ...entries,
  ]);
  change('remove', 'remove from it; the last entry gone lets every address in', ({ allowedIps }, entries) => {
    const gone = new Set(entries.map(spelling));
    const unknown = entries.filter((entry) => !allowedIps?.some((kept) => spelling(kept) === spelling(entry)));
    if (unknown.length > 0)
      throw new CommandError(EXIT.notFound, `Not in the list: ${unknown.join(', ')}. \`allowlist show\` shows it.`);
    const left = (allowedIps ?? []).filter((entry) => !gone.has(spelling(entry)));
    return left.length === 0 ? null : left;
  });

  allowlist
    .command('clear')
    .description('remove the whole list: every address that ALLOWED_IPS admits may call again (the way back in)')
    .action(() => context().withApi((api) => apply(context(), api, null, {})));

  allowlist
    .command('confirm')
    .description('keep a new list that would go back')
    .action(() => context().withApi(async (api) => show(await api.call('confirmNetwork'))));

  allowlist
    .command('test')
    .description('whether an address may call; exit 7 when it may not')
    .argument('<address>')
    .action((text: string) =>
      context().withApi(async (api) => {
        const address = parseAddress(text);
        if (address === null) throw new CommandError(EXIT.usage, `${JSON.stringify(text)} is not an address.`);
        const view = await api.call('showNetwork');
        const keepsOut = (list: readonly string[] | null) =>
          list !== null && !new AddressSet(list.map(parseNetwork)).has(address);
        const refusedBy = [
          ...(keepsOut(view.environment) ? ['ALLOWED_IPS'] : []),
          ...(keepsOut(view.allowedIps) ? ['the saved list'] : []),
        ];
        const words =
          refusedBy.length === 0
            ? `${address} may call.`
            : `${address} may not call: not in ${refusedBy.join(' and ')}.`;
        context().terminal.result({ address, allowed: refusedBy.length === 0, refusedBy }, () => words);
        if (refusedBy.length > 0) throw new CommandError(EXIT.checkFailed, '');
      }),
    );
}

async function apply(
  context: Context,
  api: Api,
  allowedIps: string[] | null,
  { dryRun, revertAfter }: ChangeOptions,
): Promise<void> {
  const body: Partial<SetNetwork> = {
    allowedIps,
    dryRun: dryRun === true,
    ...(revertAfter === undefined ? {} : { revertAfterSeconds: parseDuration(revertAfter, '--revert-after') }),
  };
  const change = await api.call('setNetwork', { body });
  context.terminal.result(change, () => outcome(change), change.network.allowedIps?.join('\n') ?? '*');
  if (change.blockedCount > 0) {
    const some = change.blocked
      .slice(0, 5)
      .map(({ address, lastUsedAt }) => `${address} (${ago(lastUsedAt, Date.now())})`);
    const more = change.blockedCount > some.length ? ` and ${change.blockedCount - some.length} more` : '';
    context.terminal.say(
      `${context.terminal.paint('yellow', 'Kept out')}: ${some.join(', ')}${more} called in the last day.`,
    );
  }
}

function outcome({ applied, network }: NetworkChange): string {
  return applied ? describe(network) : 'Nothing was changed (--dry-run).';
}

function describe({ allowedIps, environment, pending }: NetworkView): string {
  const words = (list: readonly string[] | null) => list?.join(' ') ?? '* (every address)';
  return [
    `saved        ${words(allowedIps)}`,
    `ALLOWED_IPS  ${words(environment)}`,
    ...(pending === null
      ? []
      : [`goes back    to ${words(pending.previous)} at ${pending.revertsAt}, unless \`allowlist confirm\` runs`]),
  ].join('\n');
}

/** One spelling for an entry, so that it is found however it was written; what is no entry stays as it is. */
function spelling(entry: string): string {
  try {
    const { address, prefix } = parseNetwork(entry);
    return `${address}/${prefix}`;
  } catch {
    return entry;
  }
}
