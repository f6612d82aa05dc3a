import { type Command, Option } from 'commander';
import {
  type CredentialTest,
  type CredentialTypeView,
  type CredentialView,
  TEST_OUTCOMES,
} from '../../contract/credentials.js';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { parseRate } from '../durations.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { oneLine } from '../terminal.js';
import { describeCredential, describeType, listTable, typeTable } from './credential-output.js';
import { readFields } from './field-input.js';
import { parseList } from './key-options.js';

interface FieldOptions {
  readonly fieldsFile?: string;
  readonly hosts?: string[];
  readonly try?: boolean;
}

export function credentialCommands(program: Command, context: () => Context): void {
  const group = program
    .command('credentials')
    .description('keys of other services, sealed: added, tested, never shown');
  typesCommand(group, context);
  addCommand(group, context);
  listCommand(group, context);
  showCommand(group, context);
  testCommand(group, context);
  updateCommand(group, context);
  replaceCommand(group, context);
  removeCommand(group, context);
}

const FROM_INPUT = `
Fields come from standard input as JSON, or are asked for at a terminal; never from arguments.
For a type that needs one secret alone, the bare secret does:
  gatehouse credentials add example stripe --type stripe < stripe-key.txt`;

function fieldOptions(command: Command): Command {
  return command
    .option('--fields-file <file>', 'read the fields from a file instead')
    .option('--hosts <list>', 'optional hosts of the type to turn on', parseList)
    .option('--try', 'ask its vendor first; exit 7 and keep nothing unless the vendor takes it')
    .addHelpText('after', FROM_INPUT);
}

interface ProxyOptions {
  readonly readOnly?: boolean;
  readonly rate?: string;
}

/** What the proxy lets callers do with it. */
function proxyOptions(command: Command): Command {
  return command
    .option('--read-only', 'the proxy lets only reads through')
    .option('--no-read-only', 'the proxy lets writes through, too')
    .option('--rate <limit>', 'calls through the proxy, such as 100/h, or off');
}

function proxyFields({ readOnly, rate }: ProxyOptions) {
  return {
    ...(readOnly === undefined ? {} : { readOnly }),
    ...(rate === undefined ? {} : { rateLimit: parseRate(rate) }),
  };
}

function typesCommand(group: Command, context: () => Context): void {
  group
    .command('types')
    .description('what kinds there are; with one match, its fields')
    .argument('[search...]', 'words in name or category')
    .option('--category <category>', 'only these')
    .action((search: string[], { category }: { category?: string }) =>
      context().withApi(async (api) => {
        const query = { search: search.length === 0 ? undefined : search.join(' '), category };
        const { data } = await api.call('listCredentialTypes', { query });
        const exact = data.find(({ id }) => id === query.search);
        const shown = exact === undefined ? data : [exact];
        const [only] = shown;
        context().terminal.result(
          shown,
          () => {
            if (only === undefined)
              return 'No type fits. `credentials types` shows all; `custom` takes any names and values.';
            return shown.length === 1 ? describeType(only) : typeTable(shown);
          },
          shown.map(({ id }) => id).join('\n'),
        );
      }),
    );
}

function addCommand(group: Command, context: () => Context): void {
  const command = group
    .command('add')
    .description('keep a credential; its secrets are sealed and never shown again')
    .argument('<workspace>')
    .argument('<name>')
    .requiredOption('--type <type>', 'what it is, see `credentials types`')
    .option('--note <text>', 'for people');
  fieldOptions(proxyOptions(command)).action(
    (workspaceId: string, name: string, options: FieldOptions & ProxyOptions & { type: string; note?: string }) =>
      context().withApi(async (api) => {
        const { terminal, parts } = context();
        const type = await typeOf(api, options.type);
        const request = {
          params: { workspaceId },
          body: {
            name,
            type: type.id,
            fields: await readFields(type, options.fieldsFile, terminal),
            ...(options.note === undefined ? {} : { note: options.note }),
            ...(options.hosts === undefined ? {} : { optionalHosts: options.hosts }),
            ...proxyFields(options),
          },
        };
        if (options.try === true) requireTaken((await api.call('tryCredential', request)).test, context());
        const { credential, warnings } = await api.call('createCredential', request);
        terminal.result(credential, () => `Kept as ${credential.id}.`, credential.id, warnings);
        for (const warning of warnings) terminal.say(`${terminal.paint('yellow', 'note')}: ${warning}`);
        if (type.testable && options.try !== true)
          terminal.say(`Try it: ${parts.command} credentials test ${workspaceId} ${name}`);
      }),
  );
}

function listCommand(group: Command, context: () => Context): void {
  group
    .command('list')
    .description('the credentials of a workspace, and how their last test ended')
    .argument('<workspace>')
    .option('--type <type>', 'only these')
    .addOption(new Option('--health <outcome>', 'of the last test').choices([...TEST_OUTCOMES, 'untested']))
    .action((workspaceId: string, filter: { type?: string; health?: string }) =>
      context().withApi(async (api) => {
        const { terminal, parts } = context();
        const data: CredentialView[] = [];
        for (let cursor: string | undefined; ; ) {
          const query = { ...filter, limit: 200, cursor };
          const page = await api.call('listCredentials', { params: { workspaceId }, query });
          data.push(...page.data);
          if (page.nextCursor === null) break;
          cursor = page.nextCursor;
        }
        const none = `No credentials. Keep one: ${parts.command} credentials add ${workspaceId} NAME --type TYPE`;
        terminal.result(data, () => (data.length === 0 ? none : listTable(data)), data.map(({ id }) => id).join('\n'));
      }),
    );
}

function showCommand(group: Command, context: () => Context): void {
  group
    .command('show')
    .description('one of them, and who uses it; never its secrets')
    .argument('<workspace>')
    .argument('<credential>', 'id or name')
    .action((workspaceId: string, credential: string) =>
      context().withApi(async (api) => {
        const shown = await api.call('showCredential', { params: { workspaceId, credential } });
        context().terminal.result(shown, () => describeCredential(shown.credential, shown.usedBy), shown.credential.id);
      }),
    );
}

function testCommand(group: Command, context: () => Context): void {
  group
    .command('test')
    .description("try it on its vendor's cheapest read-only call; exit 7 unless the vendor takes it")
    .argument('<workspace>')
    .argument('<credential>', 'id or name')
    .action((workspaceId: string, credential: string) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const { test } = await api.call('testCredential', { params: { workspaceId, credential } });
        terminal.result(test, () => wordsOf(test, context()), test.outcome);
        if (!isTaken(test)) throw new CommandError(EXIT.checkFailed, '');
      }),
    );
}

function updateCommand(group: Command, context: () => Context): void {
  const command = group
    .command('update')
    .description('change the name, the note, or what the proxy lets through')
    .argument('<workspace>')
    .argument('<credential>', 'id or name')
    .option('--name <name>', 'a new name')
    .option('--note <text>', 'for people');
  proxyOptions(command).action(
    (workspaceId: string, credential: string, options: ProxyOptions & { name?: string; note?: string }) =>
      context().withApi(async (api) => {
        const { readOnly: _, rate: __, ...words } = options;
        const body = { ...words, ...proxyFields(options) };
        const made = await api.call('updateCredential', { params: { workspaceId, credential }, body });
        context().terminal.result(made.credential, () => describeCredential(made.credential, []), made.credential.id);
      }),
  );
}

function replaceCommand(group: Command, context: () => Context): void {
  const command = group
    .command('replace')
    .description('give all its fields anew, every secret included')
    .argument('<workspace>')
    .argument('<credential>', 'id or name');
  fieldOptions(command).action((workspaceId: string, credential: string, options: FieldOptions) =>
    context().withApi(async (api) => {
      const { terminal } = context();
      const params = { workspaceId, credential };
      const { credential: current } = await api.call('showCredential', { params });
      const fields = await readFields(await typeOf(api, current.type), options.fieldsFile, terminal);
      const hosts = options.hosts === undefined ? {} : { optionalHosts: options.hosts };
      const request = { params, body: { fields, ...hosts } };
      if (options.try === true) requireTaken((await api.call('tryReplacement', request)).test, context());
      const made = await api.call('replaceCredential', request);
      terminal.result(
        made.credential,
        () => 'Replaced. What was sealed before is gone.',
        made.credential.id,
        made.warnings,
      );
      for (const warning of made.warnings) terminal.say(`${terminal.paint('yellow', 'note')}: ${warning}`);
    }),
  );
}

function removeCommand(group: Command, context: () => Context): void {
  group
    .command('rm')
    .description('forget it for good')
    .argument('<workspace>')
    .argument('<credential>', 'id or name')
    .option('--force', 'also while keys are bound to it')
    .option('-y, --yes', 'do not ask')
    .action((workspaceId: string, credential: string, options: { force?: boolean; yes?: boolean }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const params = { workspaceId, credential };
        if (options.yes !== true) {
          const { credential: found } = await api.call('showCredential', { params });
          const question = `It cannot be shown or restored. Type its name (${oneLine(found.name)}) to forget it:`;
          await terminal.confirm(question, found.name);
        }
        const query = { force: options.force === true ? 'true' : undefined };
        const { credential: gone } = await api.call('deleteCredential', { params, query });
        terminal.result(gone, () => `Forgot ${oneLine(gone.name)}.`, gone.id);
      }),
    );
}

async function typeOf(api: Api, id: string): Promise<CredentialTypeView> {
  const { data } = await api.call('listCredentialTypes', { query: { search: id.slice(0, 100) } });
  const type = data.find((candidate) => candidate.id === id);
  if (type !== undefined) return type;
  throw new CommandError(EXIT.notFound, `There is no type ${JSON.stringify(id)}. \`credentials types\` shows all.`);
}

const isTaken = ({ outcome }: CredentialTest) => outcome === 'ok' || outcome === 'limited';

function wordsOf(test: CredentialTest, { terminal }: Context): string {
  const word = terminal.paint(isTaken(test) ? 'green' : 'red', test.outcome);
  return `${word}  ${test.detail}${test.reply === null ? '' : `\n${oneLine(test.reply)}`}`;
}

/** Says what came of a try; what was not taken is not kept. */
function requireTaken(test: CredentialTest, context: Context): void {
  if (!isTaken(test)) throw new CommandError(EXIT.checkFailed, `${wordsOf(test, context)}\nNothing was kept.`);
  context.terminal.say(wordsOf({ ...test, reply: null }, context));
}
