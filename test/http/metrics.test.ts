import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { Exposition } from '../../src/http/metrics/exposition.js';
import { listenMetrics } from '../../src/http/metrics/listen.js';
import { serve } from '../cli/process.js';
import { HOUR } from '../support/clock.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { REPOSITORY, temporaryWorkspaces } from '../support/workspace.js';
import { readExposition, type Series } from './exposition.js';
import { expectProblemShape } from './problem.js';

const run = promisify(execFile);
const MONITORING = join(REPOSITORY, 'docs', 'deploy', 'monitoring');

/** Prometheus' own checker, where Debian's `prometheus` is installed. */
const promtool = await run('promtool', ['--version']).then(
  () => true,
  () => false,
);

async function listen(running: RunningGatehouse) {
  const server = await listenMetrics(running.gatehouse, { host: '127.0.0.1', port: 0 }, () => ({ tcp: 3 }));
  return {
    url: server.url,
    async read(): Promise<{ text: string; series: Series }> {
      const answer = await fetch(`${server.url}/metrics`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      const text = await answer.text();
      return { text, series: readExposition(text) };
    },
    [Symbol.asyncDispose]: () => server.close(0),
  };
}

describe('the numbers', () => {
  test('count requests by kind of caller, route and outcome, and never by key', async () => {
    await using running = await startGatehouse();
    await using metrics = await listen(running);
    const { key, token } = await running.createKey();
    for (let n = 0; n < 3; n += 1) await running.call('/api/auth/whoami', { key: token });
    await running.call('/api/keys', { key: token });
    await running.call('/api/keys', { key: 'nobody-knows-this' });
    const { text, series } = await metrics.read();
    const requests = series.get('gatehouse_requests_total');
    expect(requests?.type).toBe('counter');
    expect(requests?.value({ type: 'api_key', route: 'whoami', outcome: 'ALLOWED' })).toBe(3);
    expect(requests?.value({ type: 'api_key', route: 'listKeys', outcome: 'FORBIDDEN' })).toBe(1);
    expect(requests?.value({ type: 'unknown', route: 'listKeys', outcome: 'UNAUTHORIZED' })).toBe(1);
    const durations = series.get('gatehouse_request_duration_seconds');
    expect(durations?.value({ route: 'whoami' }, '_count')).toBe(3);
    expect(durations?.value({ route: 'whoami', le: '+Inf' }, '_bucket')).toBe(3);
    expect(durations?.value({ route: 'whoami' }, '_sum')).toBeGreaterThan(0);
    expect(durations?.value({ route: 'listKeys' }, '_count')).toBeUndefined();
    for (const secret of [key.id, token, 'nobody-knows-this', 'env:', 'org_default', '127.0.0.1'])
      expect(text).not.toContain(secret);
    expect(series.get('gatehouse_open_connections')?.value({ door: 'tcp' })).toBe(3);
    expect(series.get('gatehouse_keys')?.value({})).toBe(1);
  });

  test('only grow, from nothing at a start and over the end of an hour', async () => {
    const running = await startGatehouse();
    const { token } = await running.createKey();
    const labels = { type: 'api_key', route: 'whoami', outcome: 'ALLOWED' };
    {
      await using metrics = await listen(running);
      for (const expected of [1, 2, 3]) {
        await running.call('/api/auth/whoami', { key: token });
        expect((await metrics.read()).series.get('gatehouse_requests_total')?.value(labels)).toBe(expected);
        running.clock.advance(HOUR);
        await running.gatehouse.usage.flush();
      }
    }
    await running[Symbol.asyncDispose]();
  });

  test('R6: tell the truth about readiness', async () => {
    await using running = await startGatehouse();
    await using metrics = await listen(running);
    const state = async () => {
      const { series } = await metrics.read();
      return ['ready', 'degraded', 'vault_locked', 'audit_writable'].map((name) =>
        series.get(`gatehouse_${name}`)?.value({}),
      );
    };
    expect(await state()).toEqual([1, 0, 0, 1]);
    running.gatehouse.drain();
    expect(await state()).toEqual([0, 0, 0, 1]);
  });

  test('Q3: tell how many jobs wait and run, and how long the first has waited', async () => {
    await using running = await startGatehouse();
    const numbers = async () => {
      await using metrics = await listen(running);
      const { series } = await metrics.read();
      const jobs = series.get('gatehouse_jobs');
      return {
        queued: jobs?.value({ status: 'queued' }),
        running: jobs?.value({ status: 'running' }),
        oldestQueuedMs: (series.get('gatehouse_jobs_oldest_queued_seconds')?.value({}) ?? Number.NaN) * 1000,
      };
    };
    expect(await numbers()).toEqual({ queued: 0, running: 0, oldestQueuedMs: 0 });
    const busy = { queued: 3, running: 4, oldestQueuedMs: 1500 };
    vi.spyOn(running.gatehouse.jobs, 'state').mockReturnValue(busy);
    expect(await numbers()).toEqual(busy);
  });

  test.skipIf(!promtool)('are what promtool takes, without a complaint', async () => {
    await using running = await startGatehouse();
    await using metrics = await listen(running);
    const { token } = await running.createKey();
    await running.call('/api/auth/whoami', { key: token });
    const { text } = await metrics.read();
    const checking = run('promtool', ['check', 'metrics']);
    checking.child.stdin?.end(text);
    expect(await checking).toEqual({ stdout: '', stderr: '' });
  });
});

describe('the address they are at', () => {
  test('answers /metrics to GET and HEAD and nothing else', async () => {
    await using running = await startGatehouse();
    await using metrics = await listen(running);
    expect((await fetch(`${metrics.url}/metrics?x=1`)).status).toBe(200);
    const head = await fetch(`${metrics.url}/metrics`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const [path, method, status] of [
      ['/', 'GET', 404],
      ['/api/keys', 'GET', 404],
      ['/metrics/', 'GET', 404],
      ['/metrics', 'POST', 405],
    ] as const) {
      const answer = await fetch(`${metrics.url}${path}`, { method, ...(method === 'POST' ? { body: 'x' } : {}) });
      const text = await answer.text();
      expect(answer.status, path).toBe(status);
      expectProblemShape({ status: answer.status, headers: answer.headers, text, json: JSON.parse(text) });
    }
  });

  test('is not the main port', async () => {
    await using running = await startGatehouse();
    const { token } = await running.createKey({ scopes: ['*'] });
    for (const path of ['/metrics', '/api/metrics']) {
      expect((await running.call(path, { key: token })).status).toBe(404);
      expect((await running.local(path)).status).toBe(404);
    }
  });

  test('R2: that is taken stops the start and names METRICS', async () => {
    await using running = await startGatehouse();
    await using metrics = await listen(running);
    const port = Number(new URL(metrics.url).port);
    await expect(listenMetrics(running.gatehouse, { host: '127.0.0.1', port }, () => ({}))).rejects.toMatchObject({
      code: 'CONFLICT',
      detail: expect.stringContaining('METRICS'),
    });
  });
});

test('R6: a server with METRICS has them on that address from the start, and stops as it should', async () => {
  await using folder = await temporaryWorkspaces({});
  await using server = await serve({ folder: folder.path, env: { METRICS: '127.0.0.1:0' } });
  const url = /Numbers for Prometheus on (\S+)/.exec(server.stdout())?.[1] ?? '';
  const held = await fetch(`${server.url}/healthz`);
  const series = readExposition(await (await fetch(url)).text());
  expect(series.get('gatehouse_ready')?.value({})).toBe(1);
  expect(series.get('gatehouse_open_connections')?.value({ door: 'tcp' })).toBeGreaterThanOrEqual(1);
  expect(series.get('gatehouse_open_connections')?.value({ door: 'socket' })).toBe(0);
  // Idle, timers are hardly late: what is told is the lateness, not the length of a tick.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const later = readExposition(await (await fetch(url)).text());
  expect(later.get('gatehouse_event_loop_lag_seconds')?.value({ stat: 'mean' })).toBeLessThan(0.015);
  expect(held.status).toBe(200);
  server.kill('SIGTERM');
  expect(await server.ended).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
});

test('the writer escapes what would end a label, a help or a line', () => {
  const page = new Exposition();
  page.family('gauge', 'a', 'one\nline \\ "quoted"', [{ labels: { route: 'x"\n\\y' }, value: 1 }]);
  expect(page.toString()).toBe('# HELP a one\\nline \\\\ "quoted"\n# TYPE a gauge\na{route="x\\"\\n\\\\y"} 1\n');
  expect(readExposition(page.toString()).get('a')?.value({ route: 'x"\n\\y' })).toBe(1);
});

describe('docs/deploy/monitoring', () => {
  const dashboard = JSON.parse(readFileSync(join(MONITORING, 'grafana-dashboard.json'), 'utf8'));
  const alerts = readFileSync(join(MONITORING, 'alerts.yml'), 'utf8');
  const queries: string[] = [
    ...dashboard.panels.flatMap(({ targets }: { targets: { expr: string }[] }) => targets.map(({ expr }) => expr)),
    ...dashboard.templating.list.map(({ query }: { query: string }) => query),
    ...[...alerts.matchAll(/^ +expr: (.+)$/gm)].map(([, expr]) => expr ?? ''),
    // Metrics that the words of an alert name.
    ...[...alerts.matchAll(/gatehouse_[a-z_]+/g)].map(([name]) => name),
  ];

  test('every metric that the dashboard and the alerts name is there, and has the labels they use', async () => {
    await using running = await startGatehouse();
    await using metrics = await listen(running);
    const { token } = await running.createKey();
    await running.call('/api/auth/whoami', { key: token });
    const { series } = await metrics.read();
    const named = new Set<string>();
    for (const query of queries) {
      for (const [name] of query.matchAll(/\b(?:gatehouse|process)_[a-z_]+/g)) {
        const family = series.get(name.replace(/_(bucket|sum|count)$/, '')) ?? series.get(name);
        expect(family, `${name} in ${query}`).toBeDefined();
        named.add(name.replace(/_(bucket|sum|count)$/, ''));
      }
      for (const [, name, matchers] of query.matchAll(/\b((?:gatehouse|process)_[a-z_]+)\{([^}]*)\}/g)) {
        const labels = series.get(name?.replace(/_bucket$/, '') ?? '')?.labels ?? new Set();
        for (const [, label] of (matchers ?? '').matchAll(/([a-z]+)!?="/g))
          if (label !== 'job') expect([...labels], `${label} of ${name}`).toContain(label);
      }
      for (const [, labels] of query.matchAll(/by \(([^)]+)\)/g))
        for (const label of (labels ?? '').split(/, */))
          expect(['job', 'instance', 'le', 'outcome', 'type', 'route'], query).toContain(label);
    }
    expect(queries.length).toBeGreaterThan(20);
    // And nothing is measured that neither of them shows.
    expect([...series.keys()].filter((name) => !named.has(name)).sort()).toEqual(['process_start_time_seconds']);
  });

  test('there are six alerts', () => {
    expect([...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name)).toHaveLength(6);
  });

  test.skipIf(!promtool)('promtool takes the rules and the configuration', async () => {
    await run('promtool', ['check', 'rules', join(MONITORING, 'alerts.yml')]);
    await run('promtool', ['check', 'config', join(MONITORING, 'prometheus.yml')]);
  });
});
