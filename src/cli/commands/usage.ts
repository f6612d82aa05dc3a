import { type Command, Option } from 'commander';
import type { UsageReport } from '../../contract/usage.js';
import type { Context } from '../context.js';
import { parseDuration } from '../durations.js';
import { ago, oneLine, table } from '../terminal.js';
import { type FamilyRoutes, idOf, idOfAny } from './key-output.js';

interface RangeOptions {
  by: 'hour' | 'day';
  since?: string;
  route?: string;
}

/** Requests of everybody, or of one key. */
export function usageCommand(program: Command, context: () => Context, families: readonly FamilyRoutes[]): void {
  addRange(program.command('usage').description('requests by hour or day, by outcome, key and route'))
    .option('--key <key>', 'only this key, by id or name')
    .option('--organization <id>', 'only this organization')
    .action((options: RangeOptions & { key?: string; organization?: string }) =>
      context().withApi(async (api) => {
        const { key, organization } = options;
        const keyId = key === undefined ? undefined : await idOfAny(api, families, key);
        const query = { ...rangeOf(options, Date.now()), keyId, organizationId: organization };
        const found = await api.call('showUsage', { query });
        context().terminal.result(found, () => describe(found), String(found.totals.requests));
      }),
    );
}

/** `usage` of one family of keys. */
export function keyUsageCommand(group: Command, context: () => Context, family: FamilyRoutes): void {
  addRange(group.command('usage').description('what it sent, by hour or day, and when it was used last'))
    .argument('<key>', 'id or name')
    .action((idOrName: string, options: RangeOptions) =>
      context().withApi(async (api) => {
        const id = await idOf(api, family, idOrName);
        const found = await api.call(family.usage, { params: { id }, query: rangeOf(options, Date.now()) });
        const used =
          found.lastUsedAt === null
            ? 'It was never used.'
            : `Last used ${ago(found.lastUsedAt, Date.now())} from ${found.lastUsedIp}.`;
        const { data, count, requests, sinceRotation } = found.addresses;
        const isRotated = sinceRotation !== null;
        const from =
          requests === 0
            ? ''
            : `\n\nFrom ${count} ${count === 1 ? 'address' : 'addresses'}, by the last ${requests} requests:\n${table(
                ['ADDRESS', 'REQUESTS', 'ALLOWED', ...(isRotated ? ['OLD SECRET'] : []), 'LAST'],
                data
                  .slice(0, 10)
                  .map((one) => [
                    one.address,
                    String(one.requests),
                    String(one.allowed),
                    ...(isRotated ? [String(one.oldSecret)] : []),
                    ago(one.lastAt, Date.now()),
                  ]),
              )}`;
        context().terminal.result(
          found,
          () => `${describe(found, false)}\n\n${used}${from}`,
          String(found.totals.requests),
        );
      }),
    );
}

function addRange(command: Command): Command {
  return command
    .addOption(
      new Option('--by <length>', 'hours are kept for three days, days for ninety')
        .choices(['hour', 'day'])
        .default('hour'),
    )
    .option('--since <time>', 'such as 24h or 30d (default: 24h, by day 30d)')
    .option('--route <route>', 'only this route, as the list of routes names it');
}

function rangeOf({ by, since, route }: RangeOptions, nowMs: number): Record<string, string | undefined> {
  const from = since === undefined ? undefined : new Date(nowMs - parseDuration(since, '--since') * 1000).toISOString();
  return { groupBy: by, from, route };
}

const BARS = '▁▂▃▄▅▆▇█';

/** One character a value, as high as its share of the highest; a dot for none. */
export function sparkline(values: readonly number[]): string {
  const highest = Math.max(1, ...values);
  return values.map((value) => (value === 0 ? '·' : BARS[Math.ceil((value / highest) * BARS.length) - 1])).join('');
}

function describe({ from, to, groupBy, totals, series, keys, routes }: UsageReport, showsKeys = true): string {
  const { requests, allowed, byOutcome, latency } = totals;
  const range = `${from.slice(0, 16)} to ${to.slice(0, 16)} UTC`;
  if (requests === 0) return `No requests from ${range}.`;
  const most = Math.max(...series.map((slot) => slot.requests));
  const refused = Object.entries(byOutcome).filter(([outcome]) => outcome !== 'ALLOWED');
  const parts = [
    `${requests} requests, ${allowed} allowed, from ${range}`,
    `${sparkline(series.map((slot) => slot.requests))}  each a${groupBy === 'hour' ? 'n hour' : ' day'}, the highest ${most}`,
    ...(latency === null
      ? []
      : [`Half took ${latency.p50Ms} ms or less, 95 % ${latency.p95Ms} ms, 99 % ${latency.p99Ms} ms.`]),
  ];
  const tables = [
    ...(refused.length === 0
      ? []
      : [
          table(
            ['OTHERWISE', 'REQUESTS'],
            refused.map(([code, count]) => [code, String(count)]),
          ),
        ]),
    ...(showsKeys
      ? [
          table(
            ['KEY', 'NAME', 'REQUESTS', 'ALLOWED'],
            keys.map((key) => [key.id, oneLine(key.name ?? '-'), String(key.requests), String(key.allowed)]),
          ),
        ]
      : []),
    table(
      ['ROUTE', 'REQUESTS', 'ALLOWED'],
      routes.map((route) => [route.route, String(route.requests), String(route.allowed)]),
    ),
  ];
  return [parts.join('\n'), ...tables].join('\n\n');
}
