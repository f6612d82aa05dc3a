import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AskAnswer } from '../../src/contract/ask.js';
import { type Answer, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { temporaryFolder } from '../support/workspace.js';
import { expectProblem } from './problem.js';

const QUESTION = 'How are overdue fines calculated?';
const ask = (gate: RunningGatehouse, key: string, body: unknown): Promise<Answer> =>
  gate.call('/api/ask', { method: 'POST', key, body });

test('Q1, Q2: a question is answered from the files with their lines, and the answer says that no model was asked', async () => {
  await using gate = await startGatehouse();
  const { token } = await gate.createKey();
  const answer = await ask(gate, token, { workspaceId: 'example', question: QUESTION });
  expect(answer.status, answer.text).toBe(200);
  const { jobId, status, model, citations, answer: text } = AskAnswer.parse(answer.json);
  expect({ status, model }).toEqual({ status: 'completed', model: null });
  expect(jobId).toMatch(/^job_/);
  expect(text).toMatch(/without a model|no model/i);
  expect(citations.some(({ path }) => path.includes('fines'))).toBe(true);
  for (const { path, startLine, endLine } of citations) {
    expect(path).not.toMatch(/^\/|\.\./);
    expect(startLine).toBeLessThanOrEqual(endLine);
    expect(text).toContain(path);
  }
});

test('Q1: Authorization: Bearer works as x-api-key does', async () => {
  await using gate = await startGatehouse();
  const { token } = await gate.createKey();
  const body = { workspaceId: 'example', question: QUESTION };
  const answer = await gate.call('/api/ask', { body, headers: { Authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
});

test('Q4: a workspace outside the key’s bounds and one that does not exist are 404 in the same words', async () => {
  await using gate = await startGatehouse(
    {},
    { files: { 'mine/a.md': '# Mine\n', 'theirs/a.md': '# The secret plan\n' } },
  );
  const { token } = await gate.createKey({ workspaceIds: ['mine'] });
  const [foreign, unknown] = await Promise.all(
    ['theirs', 'nowhere'].map((workspaceId) => ask(gate, token, { workspaceId, question: 'What is the plan?' })),
  );
  for (const answer of [foreign!, unknown!]) expectProblem(answer, 'NOT_FOUND');
  expect(foreign!.json.detail).toBe(unknown!.json.detail);
  expect((await ask(gate, token, { workspaceId: 'mine', question: 'What is mine?' })).status).toBe(200);

  const listed = await gate.call('/api/workspaces', { key: token });
  expect(listed.json.data.map(({ id }: { id: string }) => id)).toEqual(['mine']);
  expect(listed.json.skipped).toBeUndefined();
  expectProblem(await gate.call('/api/workspaces/theirs', { key: token }), 'NOT_FOUND');
  expect((await gate.call('/api/workspaces/mine', { key: token })).status).toBe(200);
});

test('Q4: a workspace whose folder is made or removed while the server runs appears and goes', async () => {
  await using gate = await startGatehouse();
  const { token } = await gate.createKey();
  expectProblem(await ask(gate, token, { workspaceId: 'late', question: 'x?' }), 'NOT_FOUND');
  await mkdir(join(gate.folder, 'late'));
  await writeFile(join(gate.folder, 'late', 'a.md'), '# Late\nThe zebra is striped.\n');
  const answer = await ask(gate, token, { workspaceId: 'late', question: 'How is the zebra?' });
  expect(answer.json.citations[0]).toMatchObject({ path: 'a.md' });
});

test('Q4: links out of the workspace, secret files and Gatehouse’s own files are never quoted', async () => {
  const files = {
    'demo/a.md': 'The zebra is striped.\n',
    'demo/.env': 'ZEBRA_TOKEN=zebra-marker-env\n',
    'demo/id_rsa': 'zebra-marker-key\n',
  };
  await using gate = await startGatehouse({}, { files });
  await using outside = await temporaryFolder();
  await writeFile(join(outside.path, 'outside.md'), 'zebra-marker-outside\n');
  await symlink(join(outside.path, 'outside.md'), join(gate.folder, 'demo', 'link.md'));
  await symlink(outside.path, join(gate.folder, 'demo', 'linked'));
  await symlink('../api-keys.json', join(gate.folder, 'demo', 'keys.json'));
  await symlink('.gatehouse', join(gate.folder, 'hidden'));
  const { token } = await gate.createKey({ name: 'zebra-marker-name' });
  for (const question of ['Which zebra is striped?', 'zebra marker', 'ZEBRA_TOKEN', 'zebra-marker-outside']) {
    const answer = await ask(gate, token, { workspaceId: 'demo', question });
    expect(answer.status).toBe(200);
    const cited = answer.json.citations.map(({ path }: { path: string }) => path);
    if (question.includes('striped')) expect(cited).toEqual(['a.md']);
    else expect(cited.filter((path: string) => path !== 'a.md')).toEqual([]);
    expect(JSON.stringify(answer.json.citations)).not.toContain('zebra-marker');
  }
  expectProblem(await ask(gate, token, { workspaceId: 'hidden', question: 'zebra?' }), 'NOT_FOUND');
});

test.each<[string, object, 'BAD_REQUEST' | 'NOT_FOUND', RegExp]>([
  ['an empty question', { question: '' }, 'BAD_REQUEST', /question: ask something: the question is empty/],
  ['a blank question', { question: ' \n\t ' }, 'BAD_REQUEST', /question: ask something/],
  ['no question', { question: undefined }, 'BAD_REQUEST', /question: is missing/],
  ['a question of 100 KB', { question: 'why '.repeat(25_600) }, 'BAD_REQUEST', /question: at most 8000 characters/],
  ['a question that is no text', { question: ['a'] }, 'BAD_REQUEST', /question: /],
  ['no workspace', { workspaceId: undefined }, 'BAD_REQUEST', /workspaceId: is missing/],
  ['../', { workspaceId: '../' }, 'BAD_REQUEST', /workspaceId: a workspace id is/],
  ['an encoded traversal', { workspaceId: '%2e%2e%2fetc' }, 'BAD_REQUEST', /workspaceId: /],
  ['a path', { workspaceId: 'example/server' }, 'BAD_REQUEST', /workspaceId: /],
  ['an absolute path', { workspaceId: '/etc' }, 'BAD_REQUEST', /workspaceId: /],
  ['NUL', { workspaceId: 'example\u0000' }, 'BAD_REQUEST', /workspaceId: /],
  ['dots that fit the pattern', { workspaceId: 'a..' }, 'NOT_FOUND', /no such workspace/],
  ['Gatehouse’s own folder', { workspaceId: '.gatehouse' }, 'BAD_REQUEST', /workspaceId: /],
  ['a file for a workspace', { workspaceId: 'api-keys.json' }, 'NOT_FOUND', /no such workspace/],
  ['an unknown credential', { credentialId: 'openai' }, 'NOT_FOUND', /^credentialId: /],
  ['a model alone', { model: 'gpt-x' }, 'BAD_REQUEST', /^model: needs a credentialId/],
  ['an unknown prompt', { promptId: 'p' }, 'NOT_FOUND', /^promptId: /],
  ['an unknown earlier job', { previousJobId: 'job_x' }, 'NOT_FOUND', /^previousJobId: /],
  ['an unknown field', { temperature: 1 }, 'BAD_REQUEST', /unknown field "temperature"/],
])('Q4, R3: %s is refused and said', async (_what, fields, code, detail) => {
  await using gate = await startGatehouse({}, { files: { 'example/a.md': '# A\n' } });
  const { token } = await gate.createKey();
  expectProblem(await ask(gate, token, { workspaceId: 'example', question: QUESTION, ...fields }), code, detail);
});

test('R3: questions of any characters are answered, never with a fault', async () => {
  await using gate = await startGatehouse({}, { files: { 'example/a.md': '# A\n' } });
  const { token } = await gate.createKey();
  for (const question of [
    '?',
    '((((((',
    '\\',
    'a\u0000b',
    '\ud800',
    '🦓'.repeat(500),
    '.*'.repeat(1000),
    '__proto__ constructor',
    '</script>',
  ]) {
    const { status } = await ask(gate, token, { workspaceId: 'example', question });
    expect([200, 400]).toContain(status);
  }
  expect(gate.logs()).not.toContain('"level":"error"');
});
