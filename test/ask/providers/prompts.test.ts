import { describe, expect, test } from 'vitest';
import { expectProblem } from '../../http/problem.js';
import { openModelDesk, QUESTION, WIRES } from './desk.js';

describe.each(WIRES)('$name', (wire) => {
  test('Q5: a saved prompt frames the answer, with its variables put in once; the question stays the question', async () => {
    const desk = await openModelDesk(wire);
    const text = 'Answer in {{language}} for {{reader}}.';
    const { prompt } = (await desk.gate.local('/api/prompts', { body: { name: 'frame', text } })).json;
    for (const promptId of [prompt.id, 'frame']) {
      const promptVariables = { language: 'French', reader: '{{language}} people' };
      const answer = await desk.ask({ promptId, promptVariables });
      expect(answer.status, answer.text).toBe(200);
      const { system, turns } = desk.provider.read.at(-1) ?? { system: '', turns: [] };
      expect(system).toContain('Answer in French for {{language}} people.');
      const asked = turns.at(-1)?.text ?? '';
      expect(asked).toContain(QUESTION);
      expect(asked).not.toContain('Answer in French');
    }
    // The version that holds is the one that is used.
    await desk.gate.local('/api/prompts/frame', { method: 'PUT', body: { name: 'frame', text: 'Only in rhymes.' } });
    await desk.ask({ promptId: prompt.id });
    expect(desk.provider.read.at(-1)?.system).toContain('Only in rhymes.');
    expect(desk.provider.read.at(-1)?.system).not.toContain('French');
    expect(desk.provider.faults).toEqual([]);
  });
});

test('Q5 A7: variables that do not fit, and prompts of others, are refused before anybody is asked', async () => {
  const [wire] = WIRES;
  if (wire === undefined) throw new Error('no wire');
  const desk = await openModelDesk(wire);
  await desk.gate.local('/api/prompts', { body: { name: 'frame', text: 'Be {{tone}}.' } });
  const other = (await desk.gate.local('/api/organizations', { body: { name: 'Other' } })).json.organization.id;
  const theirs = await desk.gate.local('/api/prompts', { body: { name: 'theirs', text: 'x', organizationId: other } });
  expectProblem(await desk.ask({ promptId: 'frame' }), 'BAD_REQUEST', /needs tone/);
  const unknown = { promptId: 'frame', promptVariables: { tone: 'kind', mood: 'x' } };
  expectProblem(await desk.ask(unknown), 'BAD_REQUEST', /has no "mood"/);
  expectProblem(await desk.ask({ promptVariables: { tone: 'kind' } }), 'BAD_REQUEST', /Name a promptId/);
  expectProblem(await desk.ask({ promptId: 'frame', promptVariables: { tone: 7 } }), 'BAD_REQUEST');
  for (const promptId of [theirs.json.prompt.id, 'theirs', 'nobodys'])
    expectProblem(await desk.ask({ promptId }), 'NOT_FOUND', /^promptId: there is no such prompt/);
  expect(desk.provider.read).toEqual([]);
});
