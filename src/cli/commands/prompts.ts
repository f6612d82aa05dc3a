import type { Command } from 'commander';
import type { PromptVariable, PromptView } from '../../contract/prompts.js';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { ago, oneLine, table } from '../terminal.js';
import { readFile } from './field-input.js';
import { organizationOption } from './organization-names.js';

interface TextOptions {
  readonly file?: string;
  readonly description?: string;
  readonly variable?: string[];
  readonly org?: string;
}

/** Instructions that are saved for questions. */
export function promptCommands(program: Command, context: () => Context): void {
  const group = program
    .command('prompts')
    .description('instructions that are saved for questions, with their versions');
  listCommand(group, context);
  showCommand(group, context);
  createCommand(group, context);
  updateCommand(group, context);
  deleteCommand(group, context);
}

const FROM_INPUT = `
The text comes from standard input, or from --file. {{name}} in it is a variable: each is required,
unless --variable says otherwise:
  --variable tone            not required, nothing by default
  --variable "tone=friendly"  not required, friendly by default
  --variable "tone!"          required`;

const collect = (value: string, before: string[] = []) => [...before, value];

function withText(command: Command): Command {
  return command
    .option('--file <file>', 'read the text from a file')
    .option('--description <text>', 'for people')
    .option('--variable <name>', 'what a {{name}} of the text is, again for each', collect)
    .option('--org <organization>', 'in this organization, by id or name')
    .addHelpText('after', FROM_INPUT);
}

function listCommand(group: Command, context: () => Context): void {
  group
    .command('list')
    .description('prompts by name')
    .option('--org <organization>', 'of this organization, by id or name')
    .action(({ org }: { org?: string }) =>
      context().withApi(async (api) => {
        const { terminal, parts } = context();
        const organizationId = await organizationOption(api, org);
        const data: PromptView[] = [];
        for (let cursor: string | undefined; ; ) {
          const page = await api.call('listPrompts', { query: { limit: 200, cursor, organizationId } });
          data.push(...page.data);
          if (page.nextCursor === null) break;
          cursor = page.nextCursor;
        }
        const nowMs = Date.now();
        const rows = data.map((one) => [
          one.name,
          String(one.version),
          one.variables.map(({ name }) => name).join(', ') || '-',
          ago(one.updatedAt, nowMs),
          one.description,
        ]);
        const none = `No prompts. Save one: ${parts.command} prompts create NAME < text.md`;
        terminal.result(
          data,
          () => (rows.length === 0 ? none : table(['NAME', 'VERSION', 'VARIABLES', 'CHANGED', ''], rows)),
          data.map(({ name }) => name).join('\n'),
        );
      }),
    );
}

function showCommand(group: Command, context: () => Context): void {
  group
    .command('show')
    .description('one of them, and the versions that are kept')
    .argument('<prompt>', 'id or name')
    .option('--version-number <number>', 'as it was in that version')
    .option('--org <organization>', 'in this organization, by id or name')
    .action((prompt: string, { versionNumber: version, org }: { versionNumber?: string; org?: string }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const query = { organizationId: await organizationOption(api, org) };
        if (version !== undefined) {
          const then = await api.call('showPromptVersion', { params: { prompt, version }, query });
          return terminal.result(then, () => describe(then.prompt), then.prompt.text);
        }
        const shown = await api.call('showPrompt', { params: { prompt }, query });
        const kept = shown.versions.map((one) => one.version).join(', ');
        terminal.result(shown, () => `${describe(shown.prompt)}\n\nkept versions: ${kept}`, shown.prompt.text);
      }),
    );
}

function createCommand(group: Command, context: () => Context): void {
  const command = group.command('create').description('save a prompt').argument('<name>', 'a-z 0-9 -');
  withText(command).action((name: string, options: TextOptions) =>
    context().withApi(async (api) => {
      const { terminal } = context();
      const organizationId = await organizationOption(api, options.org);
      const body = { name, ...(await bodyOf(context(), options)), ...(organizationId ? { organizationId } : {}) };
      const { prompt } = await api.call('createPrompt', { body });
      terminal.result(prompt, () => `Saved ${prompt.name} as ${prompt.id}.`, prompt.id);
    }),
  );
}

function updateCommand(group: Command, context: () => Context): void {
  const command = group
    .command('update')
    .description('make the next version of a prompt')
    .argument('<prompt>', 'id or name')
    .option('--name <name>', 'a new name')
    .option('--keep-text', 'change the name, the description or the variables only');
  withText(command).action((prompt: string, options: TextOptions & { name?: string; keepText?: boolean }) =>
    context().withApi(async (api) => {
      const query = { organizationId: await organizationOption(api, options.org) };
      const { prompt: before } = await api.call('showPrompt', { params: { prompt }, query });
      const { keepText } = options;
      const body = {
        name: options.name ?? before.name,
        ...(await bodyOf(context(), options, keepText ? before : null)),
      };
      const made = await api.call('replacePrompt', { params: { prompt: before.id }, query, body });
      context().terminal.result(
        made.prompt,
        () => `${made.prompt.name} is at version ${made.prompt.version} now.`,
        String(made.prompt.version),
      );
    }),
  );
}

function deleteCommand(group: Command, context: () => Context): void {
  group
    .command('delete')
    .description('delete a prompt with all its versions')
    .argument('<prompt>', 'id or name')
    .option('--org <organization>', 'in this organization, by id or name')
    .option('-y, --yes', 'do not ask')
    .action((prompt: string, { org, yes }: { org?: string; yes?: boolean }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const query = { organizationId: await organizationOption(api, org) };
        const found = await find(api, prompt, query);
        const question = `All its versions go. Type its name (${oneLine(found.name)}) to delete it:`;
        if (yes !== true) await terminal.confirm(question, found.name);
        await api.call('deletePrompt', { params: { prompt: found.id }, query });
        terminal.result(found, () => `Deleted ${found.name}.`, found.id);
      }),
    );
}

async function find(api: Api, prompt: string, query: { organizationId: string | undefined }): Promise<PromptView> {
  return (await api.call('showPrompt', { params: { prompt }, query })).prompt;
}

/** @param before - what keeps its text, and its variables where none are given */
async function bodyOf({ terminal }: Context, options: TextOptions, before: PromptView | null = null) {
  const { file, description, variable } = options;
  const text = before?.text ?? (file === undefined ? await terminal.readInput('the text') : readFile(file));
  const given = variable?.map(parseVariable) ?? before?.variables;
  return {
    text,
    ...(description === undefined ? {} : { description }),
    ...(given === undefined ? {} : { variables: given }),
  };
}

function parseVariable(words: string): Partial<PromptVariable> & { name: string } {
  const [, name, rest = ''] = /^([A-Za-z_]\w*)(!|=[\s\S]*)?$/.exec(words) ?? [];
  if (name === undefined)
    throw new CommandError(EXIT.usage, `--variable: ${JSON.stringify(words)} is no name, name! or name=default.`);
  if (rest === '!') return { name, required: true };
  return rest === '' ? { name } : { name, default: rest.slice(1) };
}

function describe(prompt: PromptView): string {
  const facts: [string, string][] = [
    ['id', prompt.id],
    ['name', prompt.name],
    ['version', `${prompt.version}, ${prompt.updatedAt} by ${prompt.updatedBy}`],
    ...(prompt.description === '' ? [] : [['description', prompt.description] as [string, string]]),
    ...prompt.variables.map((one): [string, string] => ['variable', describeVariable(one)]),
  ];
  return `${facts.map(([name, value]) => `${name.padEnd(11)}  ${oneLine(value)}`).join('\n')}\n\n${prompt.text}`;
}

function describeVariable({ name, required, default: standard, description }: PromptVariable): string {
  const need =
    standard !== undefined ? `default ${JSON.stringify(standard)}` : required ? 'required' : 'may be left out';
  return `${name}: ${need}${description === '' ? '' : `; ${description}`}`;
}
