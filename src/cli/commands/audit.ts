import type { Command } from 'commander';
import type { AuditLine, AuditVerification } from '../../contract/audit.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { linesOption } from './lines-option.js';
import { organizationOption } from './organization-names.js';

export function auditCommands(program: Command, context: () => Context): void {
  const audit = program.command('audit').description('who did what, and what was refused');
  audit
    .command('tail')
    .description('the last lines, oldest first')
    .addOption(linesOption())
    .option('--action <action>', 'only this action, such as key.create')
    .option('--org <organization>', 'only lines of this organization, by id or name')
    .action(({ lines: limit, action, org }: { lines: number; action?: string; org?: string }) =>
      context().withApi(async (api) => {
        const organizationId = await organizationOption(api, org);
        const { data } = await api.call('listAudit', { query: { limit, action, organizationId } });
        const lines = data.toReversed();
        context().terminal.result(lines, () =>
          lines.length === 0 ? 'Nothing was recorded yet.' : lines.map(describe).join('\n'),
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

function describe({ at, action, outcome, actor, target, address, detail }: AuditLine): string {
  const facts = Object.entries(detail).map(
    ([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : value}`,
  );
  return [at, outcome, action, `by ${actor}`, address ?? '', target ?? '', ...facts]
    .filter((part) => part !== '')
    .join('  ');
}

function verdictOf({ ok, lines, fault }: AuditVerification): string {
  if (ok) return `${lines} lines, the chain holds.`;
  if (fault !== null) return `The chain is broken. ${fault.file}:${fault.line}: ${fault.reason}`;
  return `Not proven: ${lines} lines, some of which could not be checked.`;
}
