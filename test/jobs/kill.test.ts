import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run, type Server, serve } from '../cli/process.js';
import { eventually } from '../support/store-kit.js';
import { temporaryWorkspaces } from '../support/workspace.js';

const ROUNDS = 4;
const JOBS = 10;

async function queue(server: Server, key: string): Promise<string[]> {
  const asked = Array.from({ length: JOBS }, (_, index) =>
    fetch(`${server.url}/api/ask`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key, prefer: 'respond-async' },
      body: JSON.stringify({ workspaceId: 'example', question: `How are overdue fines calculated? ${index}` }),
    }).then(
      async (response) => ((await response.json()) as { jobId: string }).jobId,
      () => null,
    ),
  );
  return (await Promise.all(asked)).filter((id) => id !== null);
}

test(`R1, Q3: kill -9 while jobs run, ${ROUNDS} times: each that was taken in ends exactly once`, async () => {
  await using folder = await temporaryWorkspaces();
  const place = { folder: folder.path, env: { API_RATE_LIMIT: 'off' } };
  const { stdout } = await run(['keys', 'create', 'batch', '-q'], place);
  const key = stdout.trim();
  const taken: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await using server = await serve(place);
    taken.push(...(await queue(server, key)));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
    server.kill('SIGKILL');
    await server.ended;
  }
  await using server = await serve(place);
  const stateOf = async (id: string) => {
    const answer = await fetch(`${server.url}/api/jobs/${id}`, { headers: { 'x-api-key': key } });
    return ((await answer.json()) as { job: { status: string } }).job.status;
  };
  for (const id of taken) await eventually(async () => !['queued', 'running'].includes(await stateOf(id)), 30_000);
  expect(taken.length).toBeGreaterThan(ROUNDS);
  const files = (await readdir(join(folder.path, '.gatehouse', 'jobs'))).filter((name) => name.startsWith('job_'));
  expect(files.sort()).toEqual(taken.map((id) => `${id}.json`).sort());
  let completed = 0;
  for (const name of files) {
    const [head, body] = (await readFile(join(folder.path, '.gatehouse', 'jobs', name), 'utf8')).split('\n');
    const { status, attempts, error } = JSON.parse(head ?? '');
    // One that was cut off three times may be what kills the program: it says so instead of running for ever.
    if (status === 'failed') {
      expect([attempts, error.code]).toEqual([3, 'UNAVAILABLE']);
      continue;
    }
    expect(status).toBe('completed');
    completed += 1;
    const { result } = JSON.parse(body ?? '');
    expect(result.citations.map(({ path }: { path: string }) => path)).toContain('server/fines.ts');
  }
  // Of the last round at the least, which was cut off once.
  expect(completed).toBeGreaterThanOrEqual(JOBS);
}, 120_000);
