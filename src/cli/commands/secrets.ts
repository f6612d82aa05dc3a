import type { Command } from 'commander';
import { parse } from 'dotenv';
import { type SecretView, ValueName } from '../../contract/secrets.js';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { ago, table } from '../terminal.js';
import { stateOf } from './credential-output.js';
import { readFile, readPrivate } from './field-input.js';
import { parseList } from './key-options.js';

export function secretCommands(program: Command, context: () => Context): void {
  const group = program.command('secrets').description('sealed values by name, each with the hosts it may be sent to');
  setCommand(group, context);
  listCommand(group, context);
  removeCommand(group, context);
  importCommand(group, context);
}

function setCommand(group: Command, context: () => Context): void {
  group
    .command('set')
    .description('keep a value from standard input, a file or a hidden prompt; it is never shown again')
    .argument('<workspace>')
    .argument('<name>', 'such as STRIPE_KEY')
    .requiredOption('--hosts <list>', 'hosts it may be sent to, or none', parseHosts)
    .option('--value-file <file>', 'read the value from a file')
    .option('--note <text>', 'for people')
    .action((workspaceId: string, name: string, options: { hosts: string[]; valueFile?: string; note?: string }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const value = await readPrivate(options.valueFile, 'the value', terminal);
        const note = options.note === undefined ? {} : { note: options.note };
        const body = { value, hosts: options.hosts, ...note };
        const { secret } = await api.call('setSecret', { params: { workspaceId, name }, body });
        terminal.result(secret, () => `${secret.name} is kept, for ${hostsOf(secret)}.`, secret.name);
      }),
    );
}

function listCommand(group: Command, context: () => Context): void {
  group
    .command('list')
    .description('names and hosts; never values')
    .argument('<workspace>')
    .action((workspaceId: string) =>
      context().withApi(async (api) => {
        const { terminal, parts } = context();
        const data = await listAll(api, workspaceId);
        const nowMs = Date.now();
        const none = `No secrets. Keep one: ${parts.command} secrets set ${workspaceId} NAME --hosts HOST < file`;
        const rows = data.map((secret) => [
          secret.name,
          stateOf(secret),
          ago(secret.lastUsedAt, nowMs),
          hostsOf(secret),
        ]);
        terminal.result(
          data,
          () => (data.length === 0 ? none : table(['NAME', 'STATE', 'LAST USED', 'HOSTS'], rows)),
          data.map(({ name }) => name).join('\n'),
        );
      }),
    );
}

function removeCommand(group: Command, context: () => Context): void {
  group
    .command('rm')
    .description('forget one for good')
    .argument('<workspace>')
    .argument('<name>')
    .option('-y, --yes', 'do not ask')
    .action((workspaceId: string, name: string, { yes }: { yes?: boolean }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        if (yes !== true) await terminal.confirm(`It cannot be shown or restored. Type ${name} to forget it:`, name);
        const { secret } = await api.call('deleteSecret', { params: { workspaceId, name } });
        terminal.result(secret, () => `Forgot ${secret.name}.`, secret.name);
      }),
    );
}

/** One line of what an import would do. */
interface Planned {
  readonly name: string;
  readonly act: 'new' | 'replace' | 'skip';
  readonly reason: string;
}

function importCommand(group: Command, context: () => Context): void {
  group
    .command('import')
    .description('keep every value of a .env file as a secret; shows first what it would do')
    .argument('<workspace>')
    .argument('<file>', 'the .env file')
    .requiredOption('--hosts <list>', 'hosts they may be sent to, or none', parseHosts)
    .option('--only <list>', 'just these names', parseList)
    .option('--dry-run', 'show what would happen and change nothing')
    .option('-y, --yes', 'do not ask')
    .action((workspaceId: string, file: string, options: ImportOptions) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const values = parse(readFile(file));
        const known = new Set((await listAll(api, workspaceId)).map(({ name }) => name));
        const plan = planOf(values, known, options.only);
        const kept = plan.filter(({ act }) => act !== 'skip');
        const preview = () =>
          plan.length === 0
            ? `${file} holds no values.`
            : table(
                ['NAME', 'WHAT', 'WHY'],
                plan.map(({ name, act, reason }) => [name, act, reason]),
              );
        if (options.dryRun === true) {
          terminal.result(plan, preview, kept.map(({ name }) => name).join('\n'));
          return;
        }
        if (kept.length === 0) throw new CommandError(EXIT.usage, `${file} holds nothing to keep.`);
        if (options.yes !== true) {
          terminal.say(preview());
          await terminal.confirm(`Type ${workspaceId} to keep ${kept.length} there:`, workspaceId);
        }
        for (const { name } of kept) {
          const body = { value: values[name], hosts: options.hosts };
          await api.call('setSecret', { params: { workspaceId, name }, body });
        }
        terminal.result(
          plan,
          () => `Kept ${kept.length} of ${plan.length}. Remove ${file} once nothing else reads it.`,
          kept.map(({ name }) => name).join('\n'),
        );
      }),
    );
}

interface ImportOptions {
  readonly hosts: string[];
  readonly only?: string[];
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

function planOf(
  values: Readonly<Record<string, string>>,
  known: ReadonlySet<string>,
  only: readonly string[] | undefined,
): Planned[] {
  return Object.entries(values).map(([name, value]) => {
    const skip = (reason: string): Planned => ({ name, act: 'skip', reason });
    if (only !== undefined && !only.includes(name)) return skip('not among --only');
    if (!ValueName.safeParse(name).success) return skip('a name is 1 to 64 of A-Z 0-9 _ and starts with a letter');
    if (value === '') return skip('it is empty');
    const facts = `${value.length} characters`;
    return known.has(name) ? { name, act: 'replace', reason: facts } : { name, act: 'new', reason: facts };
  });
}

async function listAll(api: Api, workspaceId: string): Promise<SecretView[]> {
  const data: SecretView[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await api.call('listSecrets', { params: { workspaceId }, query: { limit: 200, cursor } });
    data.push(...page.data);
    if (page.nextCursor === null) return data;
    cursor = page.nextCursor;
  }
}

/** `none` is a word, so that a secret that goes nowhere is a choice and not a slip. */
function parseHosts(text: string): string[] {
  return text === 'none' ? [] : parseList(text);
}

function hostsOf({ hosts }: SecretView): string {
  return hosts.join(' ') || 'no host';
}
