import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { AskAnswer, CitationsEvent, DeltaEvent } from '../../../src/contract/ask.js';
import { JobShown, JobView } from '../../../src/contract/jobs.js';
import { Problem } from '../../../src/contract/problem.js';
import { expectProblem } from '../../http/problem.js';
import { eventsIn, type ModelDesk, openModelDesk, QUESTION, WIRES } from './desk.js';
import { openaiResponses } from './openai-responses.js';

const STREAM = { accept: 'text/event-stream' };
const stream = (desk: ModelDesk, body: object = {}) =>
  desk.gate.call('/api/ask', {
    key: desk.key,
    headers: STREAM,
    body: { workspaceId: 'demo', question: QUESTION, credentialId: desk.credentialId, ...body },
  });

/** Calls and leaves as soon as `text` was seen. */
async function leaveAfter(desk: ModelDesk, text: string): Promise<void> {
  const gone = new AbortController();
  const answer = await fetch(`${desk.gate.url}/api/ask`, {
    method: 'POST',
    headers: { ...STREAM, 'x-api-key': desk.key, 'content-type': 'application/json' },
    body: JSON.stringify({ workspaceId: 'demo', question: QUESTION, credentialId: desk.credentialId }),
    signal: gone.signal,
  });
  let seen = '';
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    seen += Buffer.from(chunk).toString('utf8');
    if (seen.includes(text)) break;
  }
  gone.abort();
}

describe.each(WIRES)('$name', (wire) => {
  test('Q2, Q3: an answer streams: passages before the model has read them, then its words, then the whole', async () => {
    const desk = await openModelDesk(wire);
    desk.provider.answer = async ({ begin, write, response }) => {
      begin();
      for (const piece of ['The fee ', 'is ca', 'pped [', '1], or not [8', '].']) {
        write(wire.piece(piece));
        await sleep(20);
      }
      response.end(wire.end({ input: 900, output: 30 }));
    };
    const answer = await stream(desk);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const events = eventsIn(answer.text);
    const names = events.map(({ event }) => event);
    expect(names[0]).toBe('status');
    expect(names.at(-1)).toBe('done');
    expect(names.indexOf('citations')).toBeLessThan(names.indexOf('delta'));
    JobView.parse(events[0]?.data);
    const { citations } = CitationsEvent.parse(events.find(({ event }) => event === 'citations')?.data);
    expect(citations[0]).toMatchObject({ number: 1, path: 'src/fees.ts', cited: false });
    const deltas = events.filter(({ event }) => event === 'delta').map(({ data }) => DeltaEvent.parse(data).text);
    expect(deltas.length).toBeGreaterThan(1);
    const done = AskAnswer.parse(events.at(-1)?.data);
    expect(deltas.join('')).toBe(done.answer);
    expect(done).toMatchObject({ answer: 'The fee is capped [1], or not.', droppedCitations: 1 });
    expect(done.citations[0]).toMatchObject({ number: 1, cited: true });
    expect(events.map(({ id }) => id)).toEqual(events.map(({ id }) => id).toSorted((a, b) => a - b));
  });

  test('Q2: a stream that fails ends with the error, whatever came before', async () => {
    const desk = await openModelDesk(wire);
    desk.provider.answer = ({ begin, write, response }) => {
      begin();
      write(wire.piece('The fee is capped, '));
      response.end(wire.fault());
    };
    const events = eventsIn((await stream(desk)).text);
    expect(events.map(({ event }) => event)).not.toContain('done');
    const problem = Problem.parse(events.at(-1)?.data);
    expect(events.at(-1)?.event).toBe('error');
    expect(problem).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', status: 503 });
  });

  test('Q2, Q3: the caller who leaves takes the call to the provider along', async () => {
    const desk = await openModelDesk(wire);
    desk.provider.answer = ({ begin, write }) => {
      begin();
      write(wire.piece('The fee is and so on '));
    };
    await leaveAfter(desk, 'and so on');
    await desk.provider.closed;
    await vi.waitFor(async () => {
      const { json } = await desk.gate.call('/api/jobs', { key: desk.key });
      expect(json.data[0]).toMatchObject({ status: 'cancelled' });
    }, 10_000);
  });
});

describe('whatever the provider', () => {
  const wire = openaiResponses;

  test('Q3: a cancelled job closes the call to the provider, and nothing of it is kept as an answer', async () => {
    const desk = await openModelDesk(wire);
    let begun = () => {};
    const running = new Promise<void>((resolve) => {
      begun = resolve;
    });
    desk.provider.answer = ({ begin, write }) => {
      begin();
      write(wire.piece('The fee is and so on '));
      begun();
    };
    const queued = await desk.gate.call('/api/ask', {
      key: desk.key,
      headers: { prefer: 'respond-async' },
      body: { workspaceId: 'demo', question: QUESTION, credentialId: desk.credentialId },
    });
    expect(queued.status).toBe(202);
    await running;
    const { jobId } = queued.json;
    const cancelled = await desk.gate.call(`/api/jobs/${jobId}/cancel`, { method: 'POST', key: desk.key });
    expect(cancelled.status, cancelled.text).toBe(200);
    await desk.provider.closed;
    const shown = await desk.gate.call(`/api/jobs/${jobId}`, { key: desk.key });
    expect(shown.json).toMatchObject({ job: { status: 'cancelled' }, result: null });
  });

  test('Q3: who comes late to a job, or comes back, is told every word of the answer', async () => {
    const desk = await openModelDesk(wire);
    let goOn = () => {};
    const waits = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const words = Array.from({ length: 300 }, (_, at) => `word${at} `);
    desk.provider.answer = async ({ begin, write, response }) => {
      begin();
      for (const word of words.slice(0, 290)) write(wire.piece(word));
      await waits;
      for (const word of words.slice(290)) write(wire.piece(word));
      response.end(wire.end({ input: 1, output: 1 }));
    };
    const { json } = await desk.gate.call('/api/ask', {
      key: desk.key,
      headers: { prefer: 'respond-async' },
      body: { workspaceId: 'demo', question: QUESTION, credentialId: desk.credentialId },
    });
    const listen = (lastId = 0) =>
      desk.gate.call(`/api/jobs/${json.jobId}/events`, { key: desk.key, headers: { 'last-event-id': String(lastId) } });
    while (desk.provider.read.length === 0) await sleep(20);
    await sleep(300);
    const late = listen();
    await sleep(200);
    goOn();
    const events = eventsIn((await late).text);
    const text = events.filter(({ event }) => event === 'delta').map(({ data }) => data['text']);
    const done = JobShown.parse(events.at(-1)?.data);
    expect(done.job.status).toBe('completed');
    expect(text.join('').trim()).toBe(words.join('').trim());
    expect(done.result?.answer).toBe(words.join('').trim());
    // What waited one behind the other came as one.
    expect(text.length).toBeLessThan(100);
    const again = eventsIn((await listen(events.at(-1)?.id)).text);
    expect(again.map(({ event }) => event)).toEqual(['done']);
  });

  test('Q1, Q2: an answer from the files alone streams too', async () => {
    const desk = await openModelDesk(wire);
    const events = eventsIn((await stream(desk, { credentialId: null })).text);
    const names = events.map(({ event }) => event).filter((name) => name !== 'status' && name !== 'progress');
    expect(names).toEqual(['citations', 'done']);
    expect(AskAnswer.parse(events.at(-1)?.data)).toMatchObject({ model: null, usage: null, credentialId: null });
    expect(desk.provider.seen).toEqual([]);
  });

  test('Q4: what is refused before it begins is an answer like any other', async () => {
    const desk = await openModelDesk(wire);
    expectProblem(await stream(desk, { workspaceId: 'nowhere' }), 'NOT_FOUND');
    expectProblem(await stream(desk, { question: ' ' }), 'BAD_REQUEST');
    expectProblem(await stream(desk, { credentialId: 'cred_nobody' }), 'NOT_FOUND');
  });

  test('K5: a stream of a key that is revoked ends, and with it the call to the provider', async () => {
    const desk = await openModelDesk(wire);
    desk.provider.answer = ({ begin, write }) => {
      begin();
      write(wire.piece('The fee is and so on '));
    };
    const answer = stream(desk);
    while (desk.provider.read.length === 0) await sleep(20);
    const { json } = await desk.gate.local('/api/keys');
    for (const { id, name } of json.data)
      if (name === 'test') await desk.gate.local(`/api/keys/${id}/revoke`, { method: 'POST', body: {} });
    const events = eventsIn((await answer).text);
    expect(events.map(({ event }) => event)).not.toContain('done');
    await desk.provider.closed;
  });
});
