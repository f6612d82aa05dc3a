import { readdirSync } from 'node:fs';
import type { IntervalHistogram } from 'node:perf_hooks';
import type { Gatehouse } from '../../gatehouse.js';
import { version } from '../../kernel/version.js';
import { type Distribution, Exposition, type Sample } from './exposition.js';

/** What the rooms do not know of themselves. */
export interface Surroundings {
  /** Open connections by door. */
  readonly connections: () => Readonly<Record<string, number>>;
  /** How far apart ticks of a timer are, in nanoseconds; begun anew by each reading. */
  readonly ticks: IntervalHistogram;
  /** How far apart they should be. */
  readonly tickMs: number;
}

/** Everything that is measured, as one text. Keys are no labels: there may be any number, and their ids are nobody's. */
export function numbersOf(gatehouse: Gatehouse, surroundings: Surroundings): string {
  const page = new Exposition();
  addRequests(page, gatehouse);
  addState(page, gatehouse, surroundings);
  addJobs(page, gatehouse);
  addProcess(page, surroundings);
  return page.toString();
}

function addRequests(page: Exposition, { usage }: Gatehouse): void {
  const { callers, routes, outcomes, counts, latency } = usage.traffic.sinceStart();
  const samples: Sample[] = [];
  for (let at = 0; at < counts.length; at += 4) {
    const type = callers[counts[at] as number]?.[2] ?? '';
    const route = routes[counts[at + 1] as number] ?? '';
    const outcome = outcomes[counts[at + 2] as number] ?? '';
    samples.push({ labels: { type, route, outcome }, value: counts[at + 3] as number });
  }
  page.family(
    'counter',
    'gatehouse_requests_total',
    'Requests answered, by kind of caller, route and what became of them.',
    samples,
  );
  page.histogram(
    'gatehouse_request_duration_seconds',
    'How long allowed requests took, by route.',
    usage.traffic.boundsMs.map((bound) => bound / 1000),
    latency.map(
      ([, route, sumMicroseconds, classes]): Distribution => ({
        labels: { route: routes[route] ?? '' },
        counts: classes,
        sum: sumMicroseconds / 1_000_000,
      }),
    ),
  );
}

function addState(page: Exposition, gatehouse: Gatehouse, { connections }: Surroundings): void {
  const { audit, keys, seal, usage } = gatehouse;
  const state = gatehouse.readiness();
  const gauge = (name: string, help: string, value: number | boolean) =>
    page.family('gauge', name, help, [{ value: Number(value) }]);
  page.family('gauge', 'gatehouse_build_info', 'The version that runs.', [
    { labels: { version: version(), node: process.version }, value: 1 },
  ]);
  gauge('gatehouse_ready', 'Whether requests are decided and changes saved.', state !== 'unavailable');
  gauge('gatehouse_degraded', 'Whether a part does not work while the gate does.', state === 'degraded');
  gauge('gatehouse_vault_locked', 'Whether the instance key is missing or wrong.', seal.locked !== null);
  gauge('gatehouse_audit_writable', 'Whether the audit log can be written.', audit.writable);
  gauge('gatehouse_audit_waiting_lines', 'Lines of the audit log that wait for the disk.', audit.waiting);
  gauge('gatehouse_keys', 'Keys that are stored, ended ones included.', keys.count);
  gauge('gatehouse_rate_windows', 'Clients whose requests are counted against a limit now.', usage.windowCount);
  page.family(
    'gauge',
    'gatehouse_open_connections',
    'Open connections, by door.',
    Object.entries(connections()).map(([door, value]) => ({ labels: { door }, value })),
  );
}

function addJobs(page: Exposition, { jobs }: Gatehouse): void {
  const { queued, running, oldestQueuedMs } = jobs.state();
  page.family('gauge', 'gatehouse_jobs', 'Jobs that are not over.', [
    { labels: { status: 'queued' }, value: queued },
    { labels: { status: 'running' }, value: running },
  ]);
  page.family('gauge', 'gatehouse_jobs_oldest_queued_seconds', 'How long the longest waiting job has waited.', [
    { value: oldestQueuedMs / 1000 },
  ]);
}

function addProcess(page: Exposition, { ticks, tickMs }: Surroundings): void {
  const { user, system } = process.cpuUsage();
  const memory = process.memoryUsage();
  const one = (type: 'counter' | 'gauge', name: string, help: string, value: number) =>
    page.family(type, name, help, [{ value }]);
  // Before the first tick the histogram is empty and its mean no number.
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - tickMs / 1000) || 0;
  page.family('gauge', 'gatehouse_event_loop_lag_seconds', 'How late timers were since the last reading.', [
    { labels: { stat: 'mean' }, value: late(ticks.mean) },
    { labels: { stat: 'p99' }, value: late(ticks.percentile(99)) },
    { labels: { stat: 'max' }, value: late(ticks.max) },
  ]);
  ticks.reset();
  one('counter', 'process_cpu_seconds_total', 'CPU time.', (user + system) / 1e6);
  one('gauge', 'process_resident_memory_bytes', 'Memory in use.', memory.rss);
  one('gauge', 'process_heap_bytes', 'The part of it that JavaScript uses.', memory.heapUsed);
  one('gauge', 'process_start_time_seconds', 'When the process started.', Date.now() / 1000 - process.uptime());
  const files = openFiles();
  if (files !== null) one('gauge', 'process_open_fds', 'Open files and sockets.', files);
}

/** `null` where the system does not tell. */
function openFiles(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}
