import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WorkspaceOnly } from '../../../src/contract/workspaces.js';
import { expectProblem } from '../../http/problem.js';
import { startGatehouse } from '../../support/gatehouse.js';
import { chatCompletions } from './chat-completions.js';
import { FEES, type ModelDesk, openModelDesk, QUESTION } from './desk.js';
import { openaiResponses } from './openai-responses.js';

const wire = openaiResponses;
const setDefault = (desk: ModelDesk, defaultProvider: unknown, workspace = 'demo') =>
  desk.gate.local(`/api/workspaces/${workspace}`, { method: 'PATCH', body: { defaultProvider } });
const askAs = (desk: ModelDesk, key: string, body: object = {}) =>
  desk.gate.call('/api/ask', { key, body: { workspaceId: 'demo', question: QUESTION, ...body } });

describe('whose credential answers', () => {
  test('Q2, V2: a credential needs the scope credentials:use and has to be in the caller’s bounds', async () => {
    const desk = await openModelDesk(wire);
    const { token: noScope } = await desk.gate.createKey({ scopes: ['ask:run'], credentialIds: [desk.credentialId] });
    const refused = await askAs(desk, noScope, { credentialId: desk.credentialId });
    expectProblem(refused, 'FORBIDDEN');
    expect(refused.json.detail).toContain('credentials:use');
    const { token: outside } = await desk.gate.createKey({ scopes: ['ask:run', 'credentials:use'], credentialIds: [] });
    const [foreign, unknown] = await Promise.all(
      [desk.credentialId, 'cred_nobody', 'model'].map((credentialId) => askAs(desk, outside, { credentialId })),
    );
    for (const answer of [foreign, unknown]) expectProblem(answer!, 'NOT_FOUND');
    expect(foreign?.json.detail).toBe(unknown?.json.detail);
    expectProblem(await askAs(desk, noScope, { model: 'gpt-6-luna' }), 'BAD_REQUEST');
    expect(desk.provider.seen).toEqual([]);
  });

  test('Q2: a credential may be named as its workspace names it; one of another kind answers nothing', async () => {
    const desk = await openModelDesk(wire);
    expect((await desk.ask({ credentialId: 'model' })).json).toMatchObject({ credentialId: desk.credentialId });
    const { json } = await desk.gate.local('/api/workspaces/demo/credentials', {
      body: { name: 'mail', type: 'github', fields: { accessToken: 'ghp_0123456789abcdefghijkl' } },
    });
    const { token } = await desk.gate.createKey({
      scopes: ['ask:run', 'credentials:use'],
      credentialIds: [json.credential.id],
    });
    const answer = await askAs(desk, token, { credentialId: json.credential.id });
    expectProblem(answer, 'BAD_REQUEST');
    expect(answer.json.detail).toContain('openai, anthropic, gemini');
  });

  test('Q2: the default provider of a workspace serves everyone who may ask there, and nothing else', async () => {
    const desk = await openModelDesk(wire);
    const set = await setDefault(desk, { credentialId: 'model', model: 'gpt-6-sol' });
    expect(set.status, set.text).toBe(200);
    const defaultProvider = { credentialId: desk.credentialId, model: 'gpt-6-sol' };
    expect(WorkspaceOnly.parse(set.json).workspace).toMatchObject({ defaultProvider });
    const { token } = await desk.gate.createKey({ scopes: ['ask:run'], credentialIds: [] });
    const answer = await askAs(desk, token);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.json).toMatchObject({ model: 'gpt-6-sol', credentialId: desk.credentialId });
    const { json: lines } = await desk.gate.local('/api/audit?limit=10');
    const opened = lines.data.find(({ action }: { action: string }) => action === 'credential.open');
    expect(opened.actor).toMatch(/^key_/);
    expect((await askAs(desk, token, { credentialId: null })).json.model).toBeNull();
    expectProblem(await askAs(desk, token, { credentialId: desk.credentialId }), 'NOT_FOUND');
    // It is the model of that provider that may be chosen, not the credential.
    expect((await askAs(desk, token, { model: 'gpt-6-luna' })).json.model).toBe('gpt-6-luna');
    await setDefault(desk, null);
    expect((await askAs(desk, token)).json.model).toBeNull();
  });

  test('Q2: setting it needs projects:write and credentials:use, for a credential of the same workspace', async () => {
    const desk = await openModelDesk(wire, { files: { 'demo/a.md': FEES, 'two/a.md': FEES } });
    const body = { defaultProvider: { credentialId: desk.credentialId, model: null } };
    const patch = (key: string, workspace = 'demo', more: object = body) =>
      desk.gate.call(`/api/workspaces/${workspace}`, { method: 'PATCH', key, body: more });
    const { token: reads } = await desk.gate.createKey({
      scopes: ['projects:read', 'credentials:use'],
      credentialIds: [desk.credentialId],
    });
    expectProblem(await patch(reads), 'FORBIDDEN');
    const { token: writes } = await desk.gate.createKey({
      scopes: ['projects:write'],
      credentialIds: [desk.credentialId],
    });
    expectProblem(await patch(writes), 'FORBIDDEN');
    const { token: both } = await desk.gate.createKey({
      scopes: ['projects:write', 'credentials:use'],
      credentialIds: [desk.credentialId],
    });
    expectProblem(await patch(both, 'two'), 'BAD_REQUEST');
    expect((await patch(both)).status).toBe(200);
    expectProblem(await patch(both, 'demo', { organizationId: 'org_default' }), 'FORBIDDEN');
    expectProblem(await patch(both, 'demo', {}), 'BAD_REQUEST');
    expectProblem(await patch(both, 'nowhere'), 'NOT_FOUND');
    const { token: bounded } = await desk.gate.createKey({
      scopes: ['projects:write', 'credentials:use'],
      credentialIds: [],
    });
    expectProblem(await patch(bounded), 'NOT_FOUND');
  });

  test('Q2: the credential of a default provider says which workspace it answers for, and is not deleted unseen', async () => {
    const desk = await openModelDesk(wire);
    await setDefault(desk, { credentialId: desk.credentialId, model: null });
    const path = `/api/workspaces/demo/credentials/${desk.credentialId}`;
    const shown = await desk.gate.local(path);
    expect(shown.json.usedBy).toContainEqual({ kind: 'workspace', id: 'demo', name: 'demo' });
    const refused = await desk.gate.local(path, { method: 'DELETE' });
    expectProblem(refused, 'CONFLICT');
    expect(refused.json.detail).toContain('workspace demo');
    expect((await desk.gate.local(`${path}?force=true`, { method: 'DELETE' })).status).toBe(200);
    const answer = await desk.ask({ credentialId: undefined });
    expectProblem(answer, 'CONFLICT');
    expect((answer.json as unknown as { detail: string }).detail).toMatch(/gone. Set another one/);
    expect((await desk.ask({ credentialId: null })).status).toBe(200);
  });

  test('Q2: a server of one’s own on a private address is called where an operator allows it, over http too', async () => {
    await using gate = await startGatehouse({}, { files: { 'demo/src/fees.ts': FEES } });
    const server = createServer((request, response) => {
      if (request.url === '/v1/models')
        return void response
          .setHeader('content-type', 'application/json')
          .end(JSON.stringify({ data: [{ id: 'llama' }] }));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chatCompletions.begin('llama') + chatCompletions.piece('From here [1].'));
      response.end(chatCompletions.end({ input: 1, output: 1 }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await gate.local('/api/workspaces/demo/credentials', {
      body: { name: 'ollama', type: 'openai', fields: { apiKey: 'none', baseUrl: `${base}/v1` } },
    });
    const ask = () =>
      gate.local('/api/ask', { body: { workspaceId: 'demo', question: QUESTION, credentialId: 'ollama' } });
    const refused = await ask();
    expectProblem(refused, 'EGRESS_REFUSED');
    expect(refused.json.detail).toMatch(/let an operator allow http/);
    await gate.local('/api/settings/lan-targets/demo', { method: 'PUT', body: { targets: [base] } });
    expect((await ask()).json).toMatchObject({ answer: 'From here [1].', model: 'llama', usage: { costUsd: null } });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const down = await ask();
    expectProblem(down, 'UPSTREAM_UNREACHABLE');
    expect(down.json.detail).toContain('With credentialId null');
  });
});

describe('follow-ups', () => {
  test('Q2, Q4: go on from a job of the same workspace that the caller may see; any other is not there', async () => {
    const desk = await openModelDesk(wire, { files: { 'demo/src/fees.ts': FEES, 'two/src/fees.ts': FEES } });
    const { jobId } = (await desk.ask()).json;
    const { token: stranger } = await desk.gate.createKey({ scopes: ['ask:run'], credentialIds: [] });
    const answers = [
      await askAs(desk, stranger, { previousJobId: jobId }),
      await desk.ask({ previousJobId: 'job_0123456789abcdefghijAB' }),
      await desk.ask({ previousJobId: 'nonsense' }),
      await desk.ask({ workspaceId: 'two', previousJobId: jobId }),
    ];
    for (const answer of answers) expectProblem(answer, 'NOT_FOUND');
    expect(desk.provider.read).toHaveLength(1);
  });

  test('Q2: go on from an answer that no model gave, and need none themselves', async () => {
    const desk = await openModelDesk(wire);
    const first = await desk.ask({ credentialId: null });
    const next = await desk.ask({ credentialId: null, question: 'And why?', previousJobId: first.json.jobId });
    expect(next.json.citations[0]).toMatchObject({ path: 'src/fees.ts' });
    const told = await desk.ask({ question: 'And why?', previousJobId: first.json.jobId });
    expect(told.status, told.text).toBe(200);
    expect(desk.provider.read.at(-1)?.turns).toHaveLength(3);
  });

  test('Q2: a job that failed has no answer to go on from', async () => {
    const desk = await openModelDesk(wire);
    desk.provider.answer = ({ response }) => response.writeHead(500).end();
    const failed = await desk.ask();
    expect(failed.status).toBeGreaterThanOrEqual(500);
    const { json } = await desk.gate.call('/api/jobs', { key: desk.key });
    expectProblem(await desk.ask({ previousJobId: json.data[0].id }), 'BAD_REQUEST');
  });
});

describe('what the files say by then', () => {
  test('Q2: lines that moved while the model wrote are cited where they are; lines that went are dropped and counted', async () => {
    const desk = await openModelDesk(wire);
    const file = join(desk.gate.folder, 'demo/src/fees.ts');
    desk.provider.answer = async ({ say }) => {
      await writeFile(file, `// A line more.\n${FEES}`);
      say('The fee is capped [1].');
    };
    const moved = (await desk.ask()).json;
    expect(moved.citations[0]).toMatchObject({ startLine: 2, cited: true });
    desk.provider.answer = async ({ say }) => {
      await rm(file);
      say('The fee is capped [1], they say.');
    };
    desk.gate.clock.advance(5000);
    const gone = (await desk.ask()).json;
    expect(gone).toMatchObject({ answer: 'The fee is capped, they say.', citations: [], droppedCitations: 1 });
  });

  test('Q2: an answer that cites nothing leaves what it was shown, marked so', async () => {
    const desk = await openModelDesk(wire);
    desk.provider.answer = ({ say }) => say('The fee is capped.');
    const { citations } = (await desk.ask()).json;
    expect(citations.length).toBeGreaterThan(0);
    expect(citations.every(({ cited }: { cited: boolean }) => !cited)).toBe(true);
  });

  test('Q2: where the files say nothing of it, no model is asked and nothing is paid', async () => {
    const desk = await openModelDesk(wire);
    const answer = await desk.ask({ question: 'Who won the zebra championship in Kuala Lumpur?' });
    expect(answer.json).toMatchObject({ model: null, citations: [], usage: null });
    expect(desk.provider.seen).toEqual([]);
  });
});
