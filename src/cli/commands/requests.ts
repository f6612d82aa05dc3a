import { type Command, Option } from 'commander';
import { OUTCOMES } from '../../contract/codes.js';
import type { ExplainFacts, RecentRequest } from '../../contract/requests.js';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { oneLine, type Terminal, table } from '../terminal.js';
import { type FamilyRoutes, idOfAny } from './key-output.js';
import { linesOption, MAX_LINES } from './lines-option.js';
import { organizationOption } from './organization-names.js';

const LOOK_EVERY_MS = 1000;

interface Options {
  lines: number;
  key?: string;
  refused?: boolean;
  outcome?: string;
  org?: string;
  follow?: boolean;
}

type Query = Readonly<Record<string, string | undefined>>;

/** Requests one by one, as far as the server remembers them. */
export function requestsCommand(program: Command, context: () => Context, families: readonly FamilyRoutes[]): void {
  program
    .command('requests')
    .description('the last requests one by one, oldest first, and why one was refused')
    .addOption(linesOption())
    .option('--key <key>', 'only of this key, by id or name, or env:<fingerprint>')
    .addOption(new Option('--refused', 'only those that were refused').conflicts('outcome'))
    .addOption(new Option('--outcome <code>', 'only with this outcome, such as RATE_LIMITED'))
    .option('--org <organization>', 'only of this organization, by id or name')
    .option('-f, --follow', 'go on with those that come, until Ctrl+C; with --json a line for each')
    .action((options: Options) =>
      context().withServer('the last requests are in the memory of one: `usage` has the counts', async (api) => {
        const { terminal, parts } = context();
        const query = await queryOf(api, families, options);
        const { data } = await api.call('listRequests', { query: { ...query, limit: options.lines } });
        const found = data.toReversed();
        if (options.follow) return follow(api, query, found, terminal);
        terminal.result(
          found,
          () => (found.length === 0 ? 'No such request since the server was started.' : rows(found)),
          found.map(({ requestId }) => requestId).join('\n'),
        );
        const why = data.find(({ outcome, explain }) => outcome !== 'ALLOWED' && explain !== null)?.explain;
        if (why) terminal.say(`Why the last one was refused: ${parts.command} ${explainCommand(why)}`);
      }),
    );
}

async function queryOf(api: Api, families: readonly FamilyRoutes[], options: Options): Promise<Query> {
  const { key, refused, outcome, org } = options;
  if (outcome !== undefined && !(OUTCOMES as readonly string[]).includes(outcome))
    throw new CommandError(EXIT.usage, `--outcome ${JSON.stringify(outcome)}: ALLOWED or a code of docs/api.md.`);
  const isEnvironment = key?.startsWith('env:') === true;
  return {
    keyId: key === undefined || isEnvironment ? key : await idOfAny(api, families, key),
    outcome: refused ? 'REFUSED' : outcome,
    organizationId: await organizationOption(api, org),
  };
}

/** Each as a line of its own, since nobody knows how wide the next one is. */
async function follow(api: Api, query: Query, first: readonly RecentRequest[], terminal: Terminal): Promise<never> {
  let newest = '';
  for (let news = first; ; ) {
    for (const request of news) {
      newest = request.requestId;
      terminal.line(request, () => cells(request).join('  '), request.requestId);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const { data } = await api.call('listRequests', { query: { ...query, limit: MAX_LINES } });
    const known = data.findIndex(({ requestId }) => requestId === newest);
    news = data.slice(0, known < 0 ? data.length : known).toReversed();
  }
}

function rows(requests: readonly RecentRequest[]): string {
  return table(['TIME', 'STATUS', 'OUTCOME', 'METHOD', 'ROUTE', 'CALLER', 'ADDRESS', 'TOOK'], requests.map(cells));
}

function cells({ at, status, outcome, method, route, path, principal, keyName, address, durationMs }: RecentRequest) {
  return [
    at.slice(0, 19).replace('T', ' '),
    String(status),
    outcome,
    method,
    path ?? route,
    oneLine(keyName ?? principal.id ?? principal.kind),
    address ?? '-',
    `${durationMs.toFixed(1)} ms`,
  ];
}

function explainCommand({ method, path, door, ip, keyId, headers }: ExplainFacts): string {
  return [
    `explain ${method} ${path}`,
    ...(keyId === undefined ? [] : [`--key ${keyId}`]),
    ...(ip === undefined ? [] : [`--ip ${ip}`]),
    ...(headers?.host === undefined ? [] : [`--header "Host: ${headers.host}"`]),
    ...(headers?.origin === undefined ? [] : [`--header "Origin: ${headers.origin}"`]),
    ...(door === 'upstream' ? ['--upstream'] : []),
  ].join(' ');
}
