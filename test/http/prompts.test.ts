import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_PROMPT_VERSIONS } from '../../src/contract/prompts.js';
import { LOCAL } from '../../src/kernel/principal.js';
import { openPrompts } from '../../src/prompts/prompts.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { expectProblem } from './problem.js';

let gate: RunningGatehouse;
let other: string;
let mine: string;
let theirs: string;

beforeAll(async () => {
  gate = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY, API_RATE_LIMIT: 'off' });
  other = (await gate.local('/api/organizations', { body: { name: 'Other' } })).json.organization.id;
  const serviceKey = async (organizationId: string) =>
    (await gate.local('/api/service-keys', { body: { name: 's', scopes: ['*'], organizationId } })).json.token;
  mine = await serviceKey('org_default');
  theirs = await serviceKey(other);
});
afterAll(() => gate[Symbol.asyncDispose]());

const create = (body: object, key = mine) => gate.call('/api/prompts', { key, body });
const replace = (id: string, body: object, key = mine) => gate.call(`/api/prompts/${id}`, { key, method: 'PUT', body });
const show = (id: string, key = mine) => gate.call(`/api/prompts/${id}`, { key });
const bounds = () => gate.gatehouse.guard.boundsFor({ ...LOCAL, operator: false, organizationId: 'org_default' });

describe('prompts', () => {
  test('Q5: are saved, listed by name, shown by id and name, and used by what was saved', async () => {
    const made = await create({ name: 'brief', description: 'Short ones', text: 'Be {{tone}}. {{extra}}' });
    expect(made.status, made.text).toBe(201);
    const { prompt } = made.json;
    expect(prompt).toMatchObject({
      name: 'brief',
      organizationId: 'org_default',
      version: 1,
      variables: [
        { name: 'tone', required: true, description: '' },
        { name: 'extra', required: true, description: '' },
      ],
    });
    await create({ name: 'a-first', text: 'x' });
    const listed = await gate.call('/api/prompts?organizationId=org_default', { key: mine });
    expect(listed.json.data.map(({ name }: { name: string }) => name)).toEqual(['a-first', 'brief']);
    const paged = await gate.call('/api/prompts?limit=1&cursor=a-first', { key: mine });
    expect(paged.json).toMatchObject({ data: [{ name: 'brief' }], nextCursor: null });
    for (const id of [prompt.id, 'brief']) expect((await show(id)).json.prompt).toEqual(prompt);
    const resolved = gate.gatehouse.prompts.resolve(bounds(), 'org_default', prompt.id, { tone: 'kind', extra: '' });
    expect(resolved).toEqual({ id: prompt.id, version: 1, text: 'Be kind. ' });
    const byName = gate.gatehouse.prompts.resolve(bounds(), 'org_default', 'brief', {
      tone: 'kind',
      extra: '{{tone}}',
    });
    expect(byName.text).toBe('Be kind. {{tone}}');
  });

  test('Q5: a change makes the next version, and those before it are kept', async () => {
    const { id } = (await create({ name: 'versions', text: 'one {{a}}' })).json.prompt;
    const second = await replace(id, { name: 'versions-2', text: 'two', description: 'changed' });
    expect(second.json.prompt).toMatchObject({ id, version: 2, name: 'versions-2', text: 'two', variables: [] });
    expect((await show(id)).json.versions.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
    const first = await gate.call(`/api/prompts/${id}/versions/1`, { key: mine });
    expect(first.json.prompt).toMatchObject({ version: 1, name: 'versions', text: 'one {{a}}' });
    expect(first.json.prompt.variables).toHaveLength(1);
    for (const version of ['0', '3', 'x', '1e0', '01'])
      expectProblem(await gate.call(`/api/prompts/${id}/versions/${version}`, { key: mine }), 'NOT_FOUND');
    expectProblem(await show('versions'), 'NOT_FOUND');
    expect(gate.gatehouse.prompts.resolve(bounds(), 'org_default', id).version).toBe(2);
  });

  test('of the versions the newest are kept', async () => {
    const { id } = (await create({ name: 'many', text: 'v1' })).json.prompt;
    for (let version = 2; version <= MAX_PROMPT_VERSIONS + 3; version += 1)
      await replace(id, { name: 'many', text: `v${version}` });
    const { prompt, versions } = (await show(id)).json;
    expect([prompt.version, versions.length, versions.at(-1).version]).toEqual([53, 50, 4]);
  });

  test('two who change the same version: the second is told, and nothing is lost', async () => {
    const { id } = (await create({ name: 'shared', text: 'one' })).json.prompt;
    const both = await Promise.all(
      ['two', 'zwei'].map((text) => replace(id, { name: 'shared', text, baseVersion: 1 })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await show(id)).json.prompt.version).toBe(2);
    const refused = both.find(({ status }) => status === 409);
    if (refused !== undefined) expectProblem(refused, 'CONFLICT', /version 2 holds by now/);
  });

  test('a name is taken once in an organization, and free in another', async () => {
    const { id } = (await create({ name: 'unique', text: 'x' })).json.prompt;
    expectProblem(await create({ name: 'unique', text: 'y' }), 'CONFLICT');
    const second = (await create({ name: 'second', text: 'y' })).json.prompt.id;
    expectProblem(await replace(second, { name: 'unique', text: 'y' }), 'CONFLICT');
    expect((await replace(id, { name: 'unique', text: 'z' })).status).toBe(200);
    expect((await create({ name: 'unique', text: 'y' }, theirs)).json.prompt.organizationId).toBe(other);
    const twice = await Promise.all([create({ name: 'race', text: 'x' }), create({ name: 'race', text: 'x' })]);
    expect(twice.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  test('deleting takes all versions, and the name is free', async () => {
    const { id } = (await create({ name: 'gone', text: 'x' })).json.prompt;
    const gone = await gate.call('/api/prompts/gone', { key: mine, method: 'DELETE' });
    expect([gone.status, gone.json.prompt.id]).toEqual([200, id]);
    expectProblem(await show(id), 'NOT_FOUND');
    expect(() => gate.gatehouse.prompts.resolve(bounds(), 'org_default', id)).toThrow(/no such prompt/);
    expect((await create({ name: 'gone', text: 'x' })).status).toBe(201);
  });

  test('A7 Q5: of another organization are unknown, by id and by name, to every act', async () => {
    const { id } = (await create({ name: 'secret-sauce', text: 'their-words' }, theirs)).json.prompt;
    for (const name of [id, 'secret-sauce', `prm_${'0'.repeat(22)}`]) {
      for (const answer of [
        await show(name),
        await replace(name, { name: 'x', text: 'x' }),
        await gate.call(`/api/prompts/${name}`, { key: mine, method: 'DELETE' }),
        await gate.call(`/api/prompts/${name}/versions/1`, { key: mine }),
      ])
        expectProblem(answer, 'NOT_FOUND', 'There is no such prompt. GET /api/prompts lists them.');
      expectProblem(await gate.call(`/api/prompts/${name}?organizationId=${other}`, { key: mine }), 'FORBIDDEN');
      expect(() => gate.gatehouse.prompts.resolve(bounds(), 'org_default', name)).toThrow(/no such prompt/);
      expect(() => gate.gatehouse.prompts.resolve(bounds(), other, name)).toThrow(
        /does not act in that organization|no such/,
      );
    }
    expect((await gate.call('/api/prompts', { key: mine })).text).not.toContain('their-words');
    expectProblem(await gate.call(`/api/prompts?organizationId=${other}`, { key: mine }), 'FORBIDDEN');
    expectProblem(await create({ name: 'x', text: 'x', organizationId: other }), 'FORBIDDEN');
    // Operators reach every organization: by id without naming it, by name in the one they name.
    expect((await gate.local(`/api/prompts/${id}`)).json.prompt.text).toBe('their-words');
    expect((await gate.local(`/api/prompts/secret-sauce?organizationId=${other}`)).json.prompt.id).toBe(id);
    expectProblem(await gate.local('/api/prompts/secret-sauce'), 'NOT_FOUND');
  });

  const good = { name: 'good', text: 'good {{a}}' };
  test.each([
    ['no text', { name: 'x' }],
    ['an empty text', { ...good, text: ' \n ' }],
    ['a text that is too long', { ...good, text: 'a'.repeat(32_001) }],
    ['a name with a capital', { ...good, name: 'Good' }],
    ['a name in the form of an id', { ...good, name: `prm_${'0'.repeat(22)}` }],
    ['a place that no variable is for', { ...good, variables: [{ name: 'b' }] }],
    ['a variable twice', { ...good, variables: [{ name: 'a' }, { name: 'a', default: 'x' }] }],
    ['a variable with a bad name', { ...good, variables: [{ name: 'a-b' }] }],
    ['51 variables', { ...good, variables: Array.from({ length: 51 }, (_, index) => ({ name: `v${index}` })) }],
    ['an unknown field', { ...good, model: 'x' }],
    ['a list', []],
    ['a terminal escape in the description', { ...good, description: '\u001b[2J' }],
  ])('R3: %s is a bad request', async (_name, body) => {
    expectProblem(await create(body), 'BAD_REQUEST');
    expect((await gate.call('/api/prompts', { key: mine })).text).not.toContain('"good"');
  });

  test('the longest text there may be is taken', async () => {
    const text = '日'.repeat(32_000);
    const made = await create({ name: 'long', text });
    expect(made.status, made.text).toBe(201);
    expect((await show('long')).json.prompt.text).toBe(text);
  });

  test('a restart forgets nothing; the audit log names each change and no text', async () => {
    const { id } = (await create({ name: 'lasting', text: 'words-of-a-prompt' })).json.prompt;
    await replace(id, { name: 'lasting', text: 'words-of-a-prompt, more' });
    const audit = await gate.local('/api/audit?limit=2');
    expect(audit.json.data).toMatchObject([
      { action: 'prompt.update', target: id, organizationId: 'org_default', detail: { name: 'lasting', version: 2 } },
      { action: 'prompt.create', target: id },
    ]);
    expect(audit.text).not.toContain('words-of-a-prompt');
    const { folder, audit: log, clock } = gate.gatehouse;
    const again = await openPrompts({ folder, audit: log, clock, log: gate.gatehouse.log });
    expect(again.show(bounds(), undefined, 'lasting')).toEqual((await show(id)).json);
    await again.close();
  });
});
