import type { Command } from 'commander';
import type { AttentionItem, Overview } from '../../contract/overview.js';
import type { Context } from '../context.js';
import { oneLine, type Terminal } from '../terminal.js';
import { organizationOption } from './organization-names.js';

/** What the first page of the dashboard says. */
export function overviewCommand(program: Command, context: () => Context): void {
  program
    .command('overview')
    .description('the last 24 hours in numbers, and what deserves a look')
    .option('--org <organization>', 'only this organization, by id or name')
    .action(({ org }: { org?: string }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const organizationId = await organizationOption(api, org);
        const found = await api.call('showOverview', { query: { organizationId } });
        terminal.result(found, () => describe(found, terminal), String(found.attention.length));
      }),
    );
}

function describe({ tiles, attention }: Overview, terminal: Terminal): string {
  const { requests24h, deniedShare, activeKeys, expiring14d, jobsQueued, jobsRunning } = tiles;
  const denied = deniedShare === null ? '' : `, ${(deniedShare * 100).toFixed(1)} % refused`;
  return [
    `Requests in 24 hours: ${requests24h}${denied}`,
    `Keys that work now: ${activeKeys}${expiring14d === 0 ? '' : `, ending within 14 days: ${expiring14d}`}`,
    ...(jobsQueued === null ? [] : [`Jobs that wait: ${jobsQueued}, that run: ${jobsRunning ?? 0}`]),
    '',
    ...(attention.length === 0 ? ['Nothing needs attention.'] : attention.map((item) => line(item, terminal))),
  ].join('\n');
}

const COLORS = { problem: 'red', warning: 'yellow', notice: 'bold' } as const;

function line({ code, severity, words, subjects, count }: AttentionItem, terminal: Terminal): string {
  const names = subjects.map(({ name }) => oneLine(name)).join(', ');
  const more = count !== null && count > subjects.length && subjects.length > 0 ? ', …' : '';
  return `${terminal.paint(COLORS[severity], severity)}  ${code}: ${words}${names === '' ? '' : ` (${names}${more})`}`;
}
