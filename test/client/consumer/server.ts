import { type AccessToken, createClient, type ServerClient } from 'gatehouse-server/client';

// What a server writes, compiled against the packed package by `test/client/package.test.ts`; never run.

const environment: Record<string, string | undefined> = {};
const client: ServerClient = createClient(environment['GATEHOUSE_URL'], environment['GATEHOUSE_API_KEY']);
const patient: ServerClient = createClient('https://gate.example.com', 'gate_svc_live_…', {
  timeoutMs: 120_000,
  fetch,
});

export const job: Promise<AccessToken> = client.token.trade({ ttlSeconds: 60, scopes: ['ask:run'] });
export const answer: Promise<string> = patient
  .ask({ workspaceId: 'example', question: 'Why?' }, { signal: AbortSignal.timeout(1000) })
  .then(({ citations, model }) => `${citations[0]?.path} ${model ?? 'without a model'}`);
export const workspaces: Promise<{ data: unknown[] }> = client.request('GET', '/api/workspaces', {
  query: { limit: 1 },
});

// @ts-expect-error: a server's key signs nobody in
client.auth;
// @ts-expect-error: a key is not an option
createClient('https://gate.example.com', { apiKey: 'gate_sdk_live_…' });
// @ts-expect-error: nothing is stored for a key
createClient('https://gate.example.com', 'gate_sdk_live_…', { refreshStorage: 'local' });
// @ts-expect-error: a question has words
client.ask({ workspaceId: 'example' });
