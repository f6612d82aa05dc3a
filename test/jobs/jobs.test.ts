import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GatehouseError } from '../../src/kernel/errors.js';
import { isTemporaryName } from '../../src/store/durable-file.js';
import { DAY } from '../support/clock.js';
import { eventually, temporaryFolder } from '../support/store-kit.js';
import { actor, boundsOf, type Desk, job, openDesk } from './kit.js';

const me = actor();
const never = new AbortController().signal;
const statusOf = async (desk: Desk, id: string) => (await desk.jobs.show(me.bounds, id)).job.status;
const becomes = (desk: Desk, id: string, status: string) =>
  eventually(async () => (await statusOf(desk, id)) === status, 5000);
const begins = (desk: Desk, name: string) => eventually(() => desk.running.has(name), 5000);
const onDisk = async (desk: Desk) =>
  (await readdir(join(desk.folder, '.gatehouse', 'jobs'))).filter((name) => !isTemporaryName(name));

describe('Q3: the life of a job', () => {
  test('it is on disk before its id is told, runs, and keeps its result', async () => {
    const desk = await openDesk();
    const made = await desk.jobs.submit(me, job('one'));
    expect(made).toMatchObject({ status: 'queued', title: 'one', createdBy: 'key_one', attempts: 0 });
    expect(await onDisk(desk)).toEqual([`${made.id}.json`]);
    await begins(desk, 'one');
    expect(await statusOf(desk, made.id)).toBe('running');
    desk.running.get('one')?.end({ answer: 'yes' });
    await becomes(desk, made.id, 'completed');
    expect(await desk.jobs.show(me.bounds, made.id)).toMatchObject({
      job: { attempts: 1, error: null },
      result: { answer: 'yes' },
    });
  });

  test('a few run at a time, and those that are waited for go first', async () => {
    const desk = await openDesk({ concurrency: 1 });
    await desk.jobs.submit(me, job('first'));
    await begins(desk, 'first');
    await desk.jobs.submit(me, job('queued'));
    const waited = desk.jobs.perform(me, job('waited'), never);
    expect(desk.jobs.state()).toMatchObject({ queued: 2, running: 1 });
    desk.running.get('first')?.end(null);
    await begins(desk, 'waited');
    desk.running.get('waited')?.end('now');
    expect(await waited).toMatchObject({ job: { status: 'completed' }, result: 'now' });
    await begins(desk, 'queued');
    expect(desk.begun).toEqual(['first', 'waited', 'queued']);
  });

  test('one that fails says why, and runs again when it is told to', async () => {
    const desk = await openDesk();
    const { id } = await desk.jobs.submit(me, job('bad'));
    await begins(desk, 'bad');
    desk.running.get('bad')?.fail(new GatehouseError('NOT_FOUND', 'There is no such workspace.'));
    await becomes(desk, id, 'failed');
    expect((await desk.jobs.show(me.bounds, id)).job.error).toEqual({
      code: 'NOT_FOUND',
      detail: 'There is no such workspace.',
    });
    desk.running.clear();
    expect(await desk.jobs.retry(me, id)).toMatchObject({ id, status: 'queued', error: null });
    await begins(desk, 'bad');
    desk.running.get('bad')?.end('at last');
    await becomes(desk, id, 'completed');
    expect(desk.audited.map(({ action }) => action)).toEqual(['job.retry']);
    await expect(desk.jobs.retry(me, id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('what only our log should know is not in its error', async () => {
    const desk = await openDesk();
    const { id } = await desk.jobs.submit(me, job('boom'));
    await begins(desk, 'boom');
    desk.running.get('boom')?.fail(new Error('password=hunter2'));
    await becomes(desk, id, 'failed');
    const shown = JSON.stringify(await desk.jobs.show(me.bounds, id));
    expect(shown).toContain('INTERNAL');
    expect(shown).not.toContain('hunter2');
  });

  test('a queued one is cancelled and never runs; a running one is told to stop', async () => {
    const desk = await openDesk({ concurrency: 1 });
    const first = await desk.jobs.submit(me, job('first'));
    const second = await desk.jobs.submit(me, job('second'));
    await begins(desk, 'first');
    expect(await desk.jobs.cancel(me, second.id)).toMatchObject({ status: 'cancelled' });
    expect(await desk.jobs.cancel(me, first.id)).toMatchObject({ status: 'cancelled' });
    expect(desk.running.get('first')?.run.signal.aborted).toBe(true);
    await desk.jobs.submit(me, job('third'));
    await begins(desk, 'third');
    expect(desk.begun).toEqual(['first', 'third']);
    expect([await statusOf(desk, first.id), await statusOf(desk, second.id)]).toEqual(['cancelled', 'cancelled']);
    await expect(desk.jobs.cancel(me, first.id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('one whose caller hung up is cancelled', async () => {
    const desk = await openDesk();
    const caller = new AbortController();
    const waited = desk.jobs.perform(me, job('waited'), caller.signal);
    await begins(desk, 'waited');
    caller.abort();
    await expect(waited).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(desk.jobs.list(me.bounds, { limit: 50 }).data).toMatchObject([{ title: 'waited', status: 'cancelled' }]);
  });

  test('what passes by itself is tried again, three times in all', async () => {
    const desk = await openDesk();
    const { id } = await desk.jobs.submit(me, job('busy'));
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await begins(desk, 'busy');
      const { fail } = desk.running.get('busy') ?? {};
      desk.running.clear();
      fail?.(new GatehouseError('UNAVAILABLE', 'Try again.', { retryAfterSeconds: 0.01 }));
    }
    await becomes(desk, id, 'failed');
    expect((await desk.jobs.show(me.bounds, id)).job.attempts).toBe(3);
  });
});

describe('Q3: who sees a job', () => {
  test('whoever started it; with jobs:read_all the whole organization; never another one', async () => {
    const desk = await openDesk();
    const { id } = await desk.jobs.submit(me, job('mine'));
    const sees = (over: Parameters<typeof boundsOf>[0]) =>
      desk.jobs.show(boundsOf(over), id).then(
        () => true,
        ({ code }) => code,
      );
    expect(await sees({})).toBe(true);
    expect(await sees({ id: 'key_two' })).toBe('NOT_FOUND');
    expect(await sees({ id: 'key_two', scopes: new Set(['jobs:read_all']) })).toBe(true);
    expect(await sees({ id: 'key_two', scopes: new Set(['*']), organizationId: 'org_other' })).toBe('NOT_FOUND');
    expect(desk.jobs.list(boundsOf({ id: 'key_two' }), { limit: 50 }).data).toEqual([]);
    await expect(desk.jobs.cancel(actor({ id: 'key_two' }), id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(desk.jobs.show(me.bounds, 'job_0000000000000000000000')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('one about a workspace outside the caller’s bounds is not seen', async () => {
    const desk = await openDesk();
    const { id } = await desk.jobs.submit(me, { ...job('about'), workspaceId: 'secret' });
    const narrow = boundsOf({ workspaceIds: ['other'] });
    await expect(desk.jobs.show(narrow, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('the list pages newest first and filters', async () => {
    const desk = await openDesk({ concurrency: 1 });
    for (const name of ['a', 'b', 'c']) await desk.jobs.submit(me, job(name));
    const page = desk.jobs.list(me.bounds, { limit: 2 });
    expect(page.data.map(({ title }) => title)).toEqual(['c', 'b']);
    const rest = desk.jobs.list(me.bounds, { limit: 2, cursor: page.nextCursor ?? '' });
    expect([rest.data.map(({ title }) => title), rest.nextCursor]).toEqual([['a'], null]);
    await begins(desk, 'a');
    expect(desk.jobs.list(me.bounds, { limit: 9, status: 'running' }).data).toMatchObject([{ title: 'a' }]);
    expect(() => desk.jobs.list(me.bounds, { limit: 2, cursor: 'gone' })).toThrow('cursor');
  });

  test('whoever started it must still have the right when its turn comes', async () => {
    const desk = await openDesk({ who: null });
    const { id } = await desk.jobs.submit(me, job('late'));
    await becomes(desk, id, 'failed');
    expect((await desk.jobs.show(me.bounds, id)).job.error?.code).toBe('FORBIDDEN');
    expect(desk.begun).toEqual([]);
  });
});

describe('Q3: bounds', () => {
  test('one caller cannot fill the queue for the others', async () => {
    const desk = await openDesk({ concurrency: 1 });
    await desk.jobs.submit(me, job('runs'));
    await begins(desk, 'runs');
    await Promise.all(Array.from({ length: 100 }, (_, index) => desk.jobs.submit(me, job(`n${index}`))));
    await expect(desk.jobs.submit(me, job('more'))).rejects.toMatchObject({ code: 'QUEUE_FULL', retryAfterSeconds: 5 });
    await expect(desk.jobs.submit(actor({ id: 'key_two' }), job('theirs'))).resolves.toMatchObject({
      status: 'queued',
    });
  });

  test('ended ones go after a week, with their files', async () => {
    const desk = await openDesk();
    const { id } = await desk.jobs.submit(me, job('old'));
    await begins(desk, 'old');
    desk.running.get('old')?.end(null);
    await becomes(desk, id, 'completed');
    desk.clock.advance(7 * DAY);
    const { id: fresh } = await desk.jobs.submit(me, job('new'));
    await eventually(async () => (await onDisk(desk)).length === 1, 5000);
    expect(await onDisk(desk)).toEqual([`${fresh}.json`]);
    await expect(desk.jobs.show(me.bounds, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('Q3: events', () => {
  test('tell what happens as it happens, and end with the result', async () => {
    const desk = await openDesk();
    const { id } = await desk.jobs.submit(me, job('watched'));
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { event, data } of desk.jobs.events(me.bounds, id, 0, never))
        seen.push(`${event} ${JSON.stringify(data).slice(0, 400)}`);
    })();
    await begins(desk, 'watched');
    desk.running.get('watched')?.run.progress({ step: 'indexing', done: 1, total: 2 });
    await eventually(() => seen.some((line) => line.startsWith('progress')), 5000);
    desk.running.get('watched')?.end({ answer: 'there' });
    await watching;
    expect(seen.map((line) => line.split(' ')[0])).toEqual(['status', 'status', 'progress', 'done']);
    expect(seen.at(-1)).toContain('there');
  });

  test('go on behind the last one that was seen', async () => {
    const desk = await openDesk();
    const { id } = await desk.jobs.submit(me, job('watched'));
    await begins(desk, 'watched');
    await becomes(desk, id, 'running');
    const ids: number[] = [];
    const watching = (async () => {
      for await (const event of desk.jobs.events(me.bounds, id, 1, never)) ids.push(event.id);
    })();
    desk.running.get('watched')?.end(null);
    await watching;
    expect(ids).toEqual([2, 3]);
  });

  test('of one that is over are its end alone', async () => {
    const desk = await openDesk();
    const { id } = await desk.jobs.submit(me, job('done'));
    await begins(desk, 'done');
    desk.running.get('done')?.end(null);
    await becomes(desk, id, 'completed');
    const events = [];
    for await (const event of desk.jobs.events(me.bounds, id, 0, never)) events.push(event.event);
    expect(events).toEqual(['done']);
  });

  test('stop when nobody listens any more', async () => {
    const desk = await openDesk();
    const { id } = await desk.jobs.submit(me, job('long'));
    const listener = new AbortController();
    const watching = (async () => {
      for await (const _event of desk.jobs.events(me.bounds, id, 0, listener.signal));
    })();
    await begins(desk, 'long');
    listener.abort();
    await watching;
    expect(await statusOf(desk, id)).toBe('running');
  });
});

describe('Q3, R6: stops and starts', () => {
  test('what ran or waited at a stop is taken up by the next start', async () => {
    const folder = await temporaryFolder();
    const before = await openDesk({ folder, concurrency: 1 });
    const ran = await before.jobs.submit(me, job('ran'));
    const waited = await before.jobs.submit(me, job('waited'));
    await begins(before, 'ran');
    await before.jobs.close();
    expect(before.running.get('ran')?.run.signal.aborted).toBe(true);
    await before.release();

    const after = await openDesk({ folder });
    expect(await statusOf(after, ran.id)).toBe('running');
    expect(after.begun).toEqual([]);
    after.jobs.start();
    await begins(after, 'ran');
    await begins(after, 'waited');
    for (const name of ['ran', 'waited']) after.running.get(name)?.end(name);
    for (const { id } of [ran, waited]) await becomes(after, id, 'completed');
    expect((await after.jobs.show(me.bounds, ran.id)).job.attempts).toBe(2);
  });

  test('a job that was running each time the program died is not run for ever', async () => {
    const folder = await temporaryFolder();
    const before = await openDesk({ folder });
    const { id } = await before.jobs.submit(me, job('deadly'));
    await begins(before, 'deadly');
    await before.jobs.close();
    await before.release();
    const file = join(folder, '.gatehouse', 'jobs', `${id}.json`);
    await writeFile(file, (await readFile(file, 'utf8')).replace('"attempts":1', '"attempts":3'));
    const after = await openDesk({ folder });
    after.jobs.start();
    await becomes(after, id, 'failed');
    expect(after.begun).toEqual([]);
  });

  test('R2: a file that is no job stops nothing, and stays as it is', async () => {
    const folder = await temporaryFolder();
    const before = await openDesk({ folder });
    const { id } = await before.jobs.submit(me, job('fine'));
    await begins(before, 'fine');
    before.running.get('fine')?.end(null);
    await becomes(before, id, 'completed');
    await before.jobs.close();
    await before.release();
    const place = join(folder, '.gatehouse', 'jobs');
    const damaged = {
      'job_cut.json': '{"id":"job_',
      'job_null.json': 'null\nnull\n',
      'job_proto.json': '{"__proto__":{}}\n',
    };
    for (const [name, text] of Object.entries(damaged)) await writeFile(join(place, name), text);
    const after = await openDesk({ folder });
    expect(after.jobs.list(me.bounds, { limit: 50 }).data).toMatchObject([{ id }]);
    for (const [name, text] of Object.entries(damaged)) expect(await readFile(join(place, name), 'utf8')).toBe(text);
  });
});
