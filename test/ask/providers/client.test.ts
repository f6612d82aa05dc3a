import { expect, test } from 'vitest';
import { type AskEvent, createClient, GatehouseError } from '../../../src/client/index.js';
import { openModelDesk, QUESTION } from './desk.js';
import { openaiResponses } from './openai-responses.js';

const wire = openaiResponses;

test('D4, Q2: the client tells an answer while it is made', async () => {
  const desk = await openModelDesk(wire);
  const client = createClient(desk.gate.url, desk.key);
  const events: AskEvent[] = [];
  for await (const event of client.askStream({ workspaceId: 'demo', question: QUESTION, credentialId: 'model' }))
    events.push(event);
  const last = events.at(-1);
  expect(last).toMatchObject({ event: 'done', data: { answer: 'The fee is capped [1].', model: 'gpt-6-luna' } });
  const text = events.map((event) => (event.event === 'delta' ? event.data.text : '')).join('');
  expect(text).toBe('The fee is capped [1].');
  expect(events.some(({ event }) => event === 'citations')).toBe(true);
});

test('D4, Q2: what fails, before or in the middle, is thrown as the one error of the client', async () => {
  const desk = await openModelDesk(wire);
  const client = createClient(desk.gate.url, desk.key);
  const run = async (question: Parameters<typeof client.askStream>[0], signal?: AbortSignal) => {
    let text = '';
    try {
      for await (const event of client.askStream(question, { signal }))
        if (event.event === 'delta') text += event.data.text;
    } catch (error) {
      return { text, error: error as GatehouseError };
    }
    return { text, error: null };
  };
  const question = { workspaceId: 'demo', question: QUESTION, credentialId: 'model' };
  const before = await run({ ...question, workspaceId: 'nowhere' });
  expect(before.error).toBeInstanceOf(GatehouseError);
  expect(before.error).toMatchObject({ code: 'NOT_FOUND', status: 404 });
  desk.provider.answer = ({ begin, write, response }) => {
    begin();
    write(wire.piece('The fee and '));
    response.end(wire.fault());
  };
  const middle = await run(question);
  expect(middle.error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', status: 503 });
  expect(middle.error?.requestId).toMatch(/^req_/);
  desk.provider.answer = ({ begin, write }) => {
    begin();
    write(wire.piece('The fee and so on '));
  };
  const gone = new AbortController();
  setTimeout(() => gone.abort(), 500);
  expect((await run(question, gone.signal)).error).toMatchObject({ code: 'ABORTED' });
  await desk.provider.closed;
});

test('D4, Q3: leaving the loop ends the work', async () => {
  const desk = await openModelDesk(wire);
  desk.provider.answer = ({ begin, write }) => {
    begin();
    write(wire.piece('The fee and so on '));
  };
  const client = createClient(desk.gate.url, desk.key);
  for await (const { event } of client.askStream({ workspaceId: 'demo', question: QUESTION, credentialId: 'model' }))
    if (event === 'delta') break;
  await desk.provider.closed;
});
