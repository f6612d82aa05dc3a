import { type Command, Option } from 'commander';
import type { AuditLine, AuditVerification, ListAudit } from '../../contract/audit.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { linesOption } from './lines-option.js';
import { namer } from './names.js';
import { organizationOption } from './organization-names.js';

export function auditCommands(program: Command, context: () => Context): void {
  const audit = program.command('audit').description('who did what, and what was refused');
  audit
    .command('tail')
    .description('the last lines, oldest first')
    .addOption(linesOption())
    .option('--action <action>', 'only this action, such as key.create, or key.* for all of keys')
    .option('--actor <id>', 'only what this one did')
    .option('--target <id>', 'only what was done to this')
    .addOption(new Option('--outcome <outcome>', 'only what ended so').choices(['ok', 'refused', 'failed']))
    .option('--since <time>', 'only from this time on, such as 2027-01-31T12:00:00Z')
    .option('--org <organization>', 'only lines of this organization, by id or name')
    .action(({ lines: limit, org, since: from, ...only }: TailOptions) =>
      context().withApi(async (api) => {
        const organizationId = await organizationOption(api, org);
        const { data } = await api.call('listAudit', { query: { limit, from, ...only, organizationId } });
        const lines = data.toReversed();
        const named = await namer(
          api,
          lines.flatMap(({ actor, target }) => [actor, target]),
        );
        context().terminal.result(lines, () =>
          lines.length === 0 ? 'Nothing was recorded yet.' : lines.map((line) => describe(line, named)).join('\n'),
        );
      }),
    );
  audit
    .command('verify')
    .description('walk the whole chain; exit 7 when a line was changed or removed')
    .action(() =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const found = await api.call('verifyAudit');
        terminal.result(found, () => verdictOf(found));
        for (const limit of found.limits) terminal.say(terminal.paint('dim', `Not seen by this check: ${limit}`));
        if (!found.ok) throw new CommandError(EXIT.checkFailed, '');
      }),
    );
}

interface TailOptions extends Pick<ListAudit, 'action' | 'actor' | 'target' | 'outcome'> {
  readonly lines: number;
  readonly org?: string;
  readonly since?: string;
}

function describe(line: AuditLine, named: (id: string) => string): string {
  const { at, action, outcome, actor, target, address, detail, changes = [] } = line;
  const facts = Object.entries(detail).map(
    ([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : value}`,
  );
  const words = [at, outcome, action, `by ${named(actor)}`, address ?? '', named(target ?? ''), ...facts]
    .filter((part) => part !== '')
    .join('  ');
  const made = changes.map(({ field, before, after }) => `\n    ${field}: ${worded(before)} -> ${worded(after)}`);
  return words + made.join('');
}

/** On one line, whatever the text holds. */
function worded(text: string | null): string {
  if (text === null) return 'not set';
  return text === '' ? 'empty' : text.replace(/\s+/g, ' ');
}

function verdictOf({ ok, lines, fault }: AuditVerification): string {
  if (ok) return `${lines} lines, the chain holds.`;
  if (fault !== null) return `The chain is broken. ${fault.file}:${fault.line}: ${fault.reason}`;
  return `Not proven: ${lines} lines, some of which could not be checked.`;
}
