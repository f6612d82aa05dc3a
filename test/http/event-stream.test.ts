import { expect, onTestFinished, test } from 'vitest';
import type { EventSource, ServerEvent } from '../../src/http/handler.js';
import { startGatehouse } from '../support/gatehouse.js';

/** A Gatehouse whose stream of a job never ends by itself: the source is put in place of the queue's. */
async function open(source: EventSource) {
  const running = await startGatehouse();
  onTestFinished(() => running[Symbol.asyncDispose]());
  running.gatehouse.jobs.events = (_by, _id, lastEventId, signal) =>
    source({ lastEventId, signal } as Parameters<EventSource>[0]) as never;
  return running;
}

async function* forEver({ signal }: { signal: AbortSignal }): AsyncGenerator<ServerEvent> {
  yield { id: 1, event: 'status', data: { at: 'first' } };
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

async function listen(url: string, key: string) {
  const response = await fetch(`${url}/api/jobs/job_0000000000000000000000/events`, { headers: { 'x-api-key': key } });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const first = new TextDecoder().decode((await reader.read()).value);
  return { first, reader };
}

test('an event is sent at once, not when the stream ends', async () => {
  const running = await open(forEver);
  const { token } = await running.createKey();
  const { first, reader } = await listen(running.url, token);
  expect(first).toBe('id: 1\nevent: status\ndata: {"at":"first"}\n\n');
  await reader.cancel();
});

test('K5: an open stream ends within 5 s after its key was revoked', async () => {
  const running = await open(forEver);
  const { key, token } = await running.createKey();
  const { reader } = await listen(running.url, token);
  await running.local(`/api/keys/${key.id}/revoke`, { method: 'POST' });
  const revokedAt = performance.now();
  while (!(await reader.read()).done);
  expect(performance.now() - revokedAt).toBeLessThan(5000);
});

test('the source hears when its listener has gone', async () => {
  let heard: (value: unknown) => void = () => {};
  const gone = new Promise((resolve) => {
    heard = resolve;
  });
  const running = await open(async function* (input) {
    yield* forEver(input);
    heard(true);
  });
  const { token } = await running.createKey();
  const { reader } = await listen(running.url, token);
  await reader.cancel();
  expect(await gone).toBe(true);
});

test('R6: a stop ends open streams', async () => {
  const running = await open(forEver);
  const { token } = await running.createKey();
  const { reader } = await listen(running.url, token);
  running.gatehouse.drain();
  while (!(await reader.read()).done);
});

test('a source that fails in the middle cuts the stream, so that nobody takes it for whole', async () => {
  const running = await open(async function* () {
    yield { id: 1, event: 'status', data: null };
    await new Promise((resolve) => setTimeout(resolve, 200));
    throw new Error('secret detail');
  });
  const { token } = await running.createKey();
  const { reader, first } = await listen(running.url, token);
  expect(first).not.toContain('secret');
  await expect(
    (async () => {
      while (!(await reader.read()).done);
    })(),
  ).rejects.toThrow();
});
