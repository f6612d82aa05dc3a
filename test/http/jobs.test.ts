import { describe, expect, test } from 'vitest';
import { JobList, JobQueued, JobShown } from '../../src/contract/jobs.js';
import { POLICIES } from '../../src/guard/policy.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { eventually } from '../support/store-kit.js';
import { expectProblem } from './problem.js';

const QUESTION = { workspaceId: 'example', question: 'How are overdue fines calculated?' };
const later = (key: string, prefer = 'respond-async') => ({ key, headers: { prefer }, body: QUESTION });

async function untilOver(running: RunningGatehouse, key: string, id: string) {
  let shown: JobShown | undefined;
  await eventually(async () => {
    shown = JobShown.parse((await running.call(`/api/jobs/${id}`, { key })).json);
    return shown.job.status !== 'queued' && shown.job.status !== 'running';
  }, 20_000);
  return shown as unknown as JobShown;
}

describe('Q3: a question that is not waited for', () => {
  test('answers 202 with the place of its job, which comes to hold the answer', async () => {
    await using running = await startGatehouse();
    const { key, token } = await running.createKey();
    const queued = await running.call('/api/ask', later(token));
    expect(queued.status, queued.text).toBe(202);
    const { jobId } = JobQueued.parse(queued.json);
    expect(queued.headers.get('location')).toBe(`/api/jobs/${jobId}`);
    expect(queued.headers.get('preference-applied')).toBe('respond-async');
    const { job, result } = await untilOver(running, token, jobId);
    expect(job).toMatchObject({ status: 'completed', createdBy: key.id, workspaceId: 'example', error: null });
    expect(result?.citations[0]?.path).toBe('server/fines.ts');
  });

  test('keeps the answer of one that was waited for, too', async () => {
    await using running = await startGatehouse();
    const { token } = await running.createKey();
    const answer = await running.call('/api/ask', { key: token, body: QUESTION });
    const { result } = (await running.call(`/api/jobs/${answer.json.jobId}`, { key: token })).json;
    const { jobId, status, durationMs, ...kept } = answer.json;
    expect({ status, result }).toEqual({ status: 'completed', result: kept });
    expect(jobId).toMatch(/^job_/);
    expect(durationMs).toBeGreaterThanOrEqual(0);
  });

  test.each(['wait=10', 'handling=strict', 'not-respond-async', '', 'respond-asynchronously'])(
    'Prefer: %j waits',
    async (prefer) => {
      await using running = await startGatehouse();
      const { token } = await running.createKey();
      expect((await running.call('/api/ask', later(token, prefer))).status).toBe(200);
    },
  );

  test('what cannot be asked is refused before it is queued', async () => {
    await using running = await startGatehouse();
    const { token } = await running.createKey();
    const gone = { ...later(token), body: { ...QUESTION, workspaceId: 'nowhere' } };
    expectProblem(await running.call('/api/ask', gone), 'NOT_FOUND');
    expect(JobList.parse((await running.call('/api/jobs', { key: token })).json).data).toEqual([]);
  });
});

describe('Q3: jobs belong to whoever started them', () => {
  test('another key reads them as unknown', async () => {
    await using running = await startGatehouse();
    const mine = await running.createKey();
    const theirs = await running.createKey({ scopes: ['ask:run', 'jobs:read', 'jobs:write'] });
    const { jobId } = (await running.call('/api/ask', later(mine.token))).json;
    for (const path of [`/api/jobs/${jobId}`, `/api/jobs/${jobId}/events`])
      expectProblem(await running.call(path, { key: theirs.token }), 'NOT_FOUND');
    for (const act of ['cancel', 'retry'])
      expectProblem(
        await running.call(`/api/jobs/${jobId}/${act}`, { key: theirs.token, method: 'POST' }),
        'NOT_FOUND',
      );
    expect((await running.call('/api/jobs', { key: theirs.token })).json.data).toEqual([]);
    expect((await running.call('/api/jobs', { key: mine.token })).json.data).toHaveLength(1);
  });

  test('a job of a key that is revoked before its turn does not run', async () => {
    await using running = await startGatehouse();
    const { key, token } = await running.createKey();
    const { jobs, guard } = running.gatehouse;
    const bounds = guard.boundsFor(principalOf(running, token));
    await running.local(`/api/keys/${key.id}/revoke`, { method: 'POST' });
    const by = { bounds, address: '192.0.2.1', requestId: 'req_test' };
    const { id } = await jobs.submit(by, {
      kind: 'ask',
      organizationId: 'org_default',
      workspaceId: 'example',
      title: 'late',
      input: QUESTION,
    });
    await eventually(async () => (await running.local(`/api/jobs/${id}`)).json.job.status === 'failed', 10_000);
    expect((await running.local(`/api/jobs/${id}`)).json.job.error.code).toBe('FORBIDDEN');
  });
});

function principalOf(running: RunningGatehouse, token: string) {
  const verdict = running.gatehouse.guard.decide(
    {
      door: 'tcp',
      peerAddress: '127.0.0.1',
      rawHeaders: ['x-api-key', token],
      method: 'GET',
      requestId: 'req_test',
      named: null,
    },
    POLICIES.listJobs,
  );
  if (!verdict.allow) throw verdict.error;
  return verdict.principal;
}

test('Q3: progress comes as server-sent events, each whole, and ends with the answer', async () => {
  await using running = await startGatehouse();
  const { token } = await running.createKey();
  const { jobId } = (await running.call('/api/ask', later(token))).json;
  const answer = await running.call(`/api/jobs/${jobId}/events`, { key: token });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const events = answer.text
    .trim()
    .split('\n\n')
    .map((event) => event.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)))
    .map((lines) => Object.fromEntries(lines) as { id: string; event: string; data: string });
  expect(events.at(-1)?.event).toBe('done');
  const { job, result } = JobShown.parse(JSON.parse(events.at(-1)?.data ?? ''));
  expect([job.status, result?.citations[0]?.path]).toEqual(['completed', 'server/fines.ts']);
  expect(events.map(({ id }) => Number(id))).toEqual(events.map(({ id }) => Number(id)).sort((a, b) => a - b));

  // Asked again behind the last event, there is nothing but the end.
  const again = await running.call(`/api/jobs/${jobId}/events`, { key: token, headers: { 'last-event-id': '99' } });
  expect(again.text).toMatch(/^id: 100\nevent: done\n/);
});
