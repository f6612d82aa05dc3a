import { HOUR, TestClock } from '../support/clock.js';
import type { RunningGatehouse } from '../support/gatehouse.js';
import { PASSWORD } from '../support/people.js';

/** What a day of an instance leaves behind, so that every screen has something to show. */
export interface Seeded {
  readonly keyId: string;
  readonly token: string;
  readonly serviceKeyId: string;
  readonly mcpTokenId: string;
  readonly credentialId: string;
  readonly jobId: string;
  readonly promptId: string;
}

const HOURS = 20;

/** So that a seeded instance ends at the time that browsers show. */
export const dayAgo = () => new TestClock(new Date(Date.now() - HOURS * HOUR).toISOString());

/** @param gate - with a workspace called `example` */
export async function seed(gate: RunningGatehouse): Promise<Seeded> {
  const made = async (path: string, body: object, method = 'POST') => {
    const { status, text, json } = await gate.local(path, { method, body });
    if (status >= 300) throw new Error(`seed: ${path} ${status} ${text}`);
    return json;
  };
  await made('/api/users', { email: 'grace@example.com', name: 'Grace Hopper', password: PASSWORD, role: 'admin' });
  await made('/api/users', { email: 'alan@example.com', name: 'Alan Turing', password: PASSWORD, role: 'viewer' });
  await made('/api/organizations/org_default/invites', { email: 'new@example.com', role: 'member' });
  const { key, token } = await gate.createKey({ name: 'Deploys', type: 'ci', note: 'Runs on every push' });
  const mobile = await gate.createKey({ name: 'Mobile app', scopes: ['projects:read'] });
  const soon = new Date(gate.clock.nowMs() + 6 * 24 * HOUR).toISOString();
  await gate.createKey({ name: 'Conference demo', expiresAt: soon });
  const old = await gate.createKey({ name: 'Old laptop' });
  await made(`/api/keys/${old.key.id}/revoke`, { reason: 'lost' });
  const service = await made('/api/service-keys', { name: 'Nightly sync' });
  const mcp = await made('/api/mcp-tokens', { name: 'Editor', readOnly: true });
  const sealed = await made('/api/workspaces/example/credentials', {
    name: 'payments',
    type: 'stripe',
    fields: { apiKey: `sk_test_${'q'.repeat(40)}` },
  });
  await made(
    '/api/workspaces/example/secrets/DATABASE_PASSWORD',
    { value: 'correct horse battery staple', hosts: ['db.example.com'] },
    'PUT',
  );
  await made('/api/workspaces/example/variables/REGION', { value: 'eu-central' }, 'PUT');
  const prompt = await made('/api/prompts', {
    name: 'reviewer',
    text: 'Answer like a careful reviewer, in {{language}}.',
  });
  const asked = await gate.call('/api/ask', {
    key: token,
    body: { workspaceId: 'example', question: 'How are overdue fines calculated?' },
  });
  for (let hour = 0; hour < HOURS; hour++) {
    for (let one = 0; one < 4 + ((hour * 7) % 11); one++)
      await gate.call('/api/auth/whoami', { key: one % 2 === 0 ? token : mobile.token });
    for (let one = 0; one < hour % 3; one++) await gate.call('/api/keys', { key: mobile.token });
    gate.clock.advance(HOUR);
  }
  return {
    keyId: key.id,
    token,
    serviceKeyId: service.key.id,
    mcpTokenId: mcp.key.id,
    credentialId: sealed.credential.id,
    jobId: asked.json.jobId,
    promptId: prompt.prompt.id,
  };
}

/** The address of a screen, with what was seeded in the place of its parameters. */
export function addressOf(path: string, seeded: Seeded): string {
  const id = path.startsWith('/settings/service-keys')
    ? seeded.serviceKeyId
    : path.includes('/mcp/')
      ? seeded.mcpTokenId
      : path.startsWith('/credentials')
        ? seeded.credentialId
        : path.startsWith('/jobs')
          ? seeded.jobId
          : path.startsWith('/prompts')
            ? seeded.promptId
            : seeded.keyId;
  return path
    .replace(':organizationId', 'org_default')
    .replace(':workspaceId', 'example')
    .replace(':type', 'openai')
    .replace(':id', id);
}
