import PQueue from 'p-queue';
import type { JobKind, JobProgress } from '../contract/jobs.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { GatehouseError, isGatehouseError } from '../kernel/errors.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { Actor, Bounds } from '../kernel/principal.js';
import type { DocumentFolder } from '../store/document-folder.js';
import { EventLog } from './event-log.js';
import type { JobWork } from './port.js';
import { isOver, type JobRecord, viewOf } from './record.js';

/** A job that was running when the program died is run again so often; then it may be what kills it. */
const MAX_ATTEMPTS = 3;
/** Faults that pass. */
const PASSING = new Set(['UNAVAILABLE', 'INDEX_BUILDING', 'PROVIDER_RATE_LIMITED', 'PROVIDER_UNAVAILABLE']);
const FIRST_RETRY_MS = 5000;
const PRIORITY = { waited: 1, queued: 0 } as const;

/** One job that is not over. */
export interface Live {
  record: JobRecord;
  readonly input: unknown;
  /** Of the caller who holds a connection open; `null`: whoever started it is looked up when it runs. */
  readonly waiting: Actor | null;
  readonly events: EventLog;
  readonly controller: AbortController;
  progress: JobProgress | null;
}

export class Cancelled extends Error {}
class Stopping extends Error {}

export interface RunnerOptions {
  readonly documents: DocumentFolder<JobRecord>;
  readonly works: readonly JobWork[];
  readonly clock: Clock;
  readonly log: Logger;
  /** What a principal may do now; `null`: they are gone, or may not act any more. */
  readonly boundsOf: (principalId: string, organizationId: string) => Bounds | null;
  /** Called with every state a job comes into. */
  readonly changed: (record: JobRecord) => void;
}

/** Runs jobs, a few of each kind at a time, those that are waited for first. */
export class Runner {
  /** By id, in the order they came. */
  readonly live = new Map<string, Live>();
  readonly #o: RunnerOptions;
  readonly #queues = new Map<JobKind, PQueue>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(options: RunnerOptions) {
    this.#o = options;
    for (const { kind, concurrency } of options.works) this.#queues.set(kind, new PQueue({ concurrency }));
  }

  /** Takes a job in; it is not run before `enqueue`. */
  begin(record: JobRecord, input: unknown, waiting: Actor | null): Live {
    const { id } = record;
    const live = { record, input, waiting, events: new EventLog(), controller: new AbortController(), progress: null };
    this.live.set(id, live);
    this.#update(live, record);
    live.events.add('status', viewOf(record, null));
    return live;
  }

  /** @throws GatehouseError `STORE_UNAVAILABLE` */
  save({ record, input }: Live): Promise<void> {
    return this.#o.documents.save(record.id, record, { input, result: null });
  }

  /** @returns its result; rejects with what it failed with, where somebody waits: for all others it is in the record */
  async enqueue(live: Live): Promise<unknown> {
    const priority = live.waiting === null ? PRIORITY.queued : PRIORITY.waited;
    const running = this.#queues.get(live.record.kind)?.add(() => this.#run(live), { priority });
    return live.waiting === null ? running?.catch(() => null) : running;
  }

  /** A job that a crash or a stop cut off. One that was running each time the program died is not run for ever. */
  async resume(record: JobRecord): Promise<void> {
    const { input } = ((await this.#o.documents.body(record.id)) ?? {}) as { input?: unknown };
    const live = this.begin({ ...record, status: 'queued' }, input, null);
    if (input !== undefined && record.attempts < MAX_ATTEMPTS) return void this.enqueue(live);
    const detail = 'Gatehouse stopped while this job ran, more than once. Retry it if it should run once more.';
    await this.finish(live, { status: 'failed', error: { code: 'UNAVAILABLE', detail } });
  }

  /** Stops what runs; it is taken up by the next start. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const queue of this.#queues.values()) queue.pause();
    for (const { record, controller } of this.live.values())
      if (record.status === 'running') controller.abort(new Stopping());
    await Promise.all([...this.#queues.values()].map((queue) => queue.onPendingZero()));
  }

  /**
   * The end of a job. One whose end cannot be saved has ended all the same, and runs again after the next start.
   * @throws GatehouseError `STORE_UNAVAILABLE`
   */
  async finish(live: Live, end: Pick<JobRecord, 'status'> & Partial<JobRecord>, result: unknown = null): Promise<void> {
    if (isOver(live.record)) return;
    const record = { ...live.record, error: null, ...end, finishedAt: toIso(this.#o.clock.nowMs()) };
    try {
      await this.#o.documents.save(record.id, record, { input: live.input, result });
    } finally {
      this.#update(live, record);
      this.live.delete(record.id);
      live.events.add('done', { job: viewOf(record, null), result });
    }
  }

  async #run(live: Live): Promise<unknown> {
    const { controller, events } = live;
    if (isOver(live.record)) return undefined;
    try {
      controller.signal.throwIfAborted();
      const { record } = live;
      const startedAt = toIso(this.#o.clock.nowMs());
      this.#update(live, { ...record, status: 'running', startedAt, attempts: record.attempts + 1 });
      if (live.waiting === null) await this.save(live);
      controller.signal.throwIfAborted();
      events.add('status', viewOf(live.record, null));
      const result = await this.#o.works
        .find(({ kind }) => kind === record.kind)
        ?.run(live.input, {
          bounds: live.waiting?.bounds ?? this.#starterOf(record),
          by: live.waiting ?? { address: 'queue', requestId: record.id },
          signal: controller.signal,
          waited: live.waiting !== null,
          progress: (progress) => {
            live.progress = progress;
            events.add('progress', progress);
          },
          emit: (event, data) => events.add(event, data),
        });
      controller.signal.throwIfAborted();
      await this.finish(live, { status: 'completed' }, result);
      return result;
    } catch (error) {
      await this.#failed(live, error);
      throw error instanceof Cancelled ? new GatehouseError('CONFLICT', 'This job was cancelled.') : error;
    }
  }

  async #failed(live: Live, error: unknown): Promise<void> {
    const why = live.controller.signal.reason;
    // Left as it is on disk: the next start takes it up.
    if (why instanceof Stopping) return;
    if (why instanceof Cancelled) return this.finish(live, { status: 'cancelled' });
    const known = isGatehouseError(error) ? error : null;
    if (known === null) this.#o.log.error('a job failed', { jobId: live.record.id, ...describeError(error) });
    const { attempts } = live.record;
    if (known !== null && PASSING.has(known.code) && live.waiting === null && attempts < MAX_ATTEMPTS)
      return this.#runLater(live, (known.retryAfterSeconds ?? 0) * 1000 || FIRST_RETRY_MS * attempts);
    const detail = 'Something went wrong here. The log has more under the id of this job.';
    const fault = { code: known?.code ?? 'INTERNAL', detail: known?.detail ?? detail };
    await this.finish(live, { status: 'failed', error: fault });
  }

  async #runLater(live: Live, delayMs: number): Promise<void> {
    this.#update(live, { ...live.record, status: 'queued' });
    // Not saved, it says that it was running: after a crash that comes to the same.
    await this.save(live).catch(() => {});
    live.events.add('status', viewOf(live.record, null));
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.enqueue(live);
    }, delayMs).unref();
    this.#timers.add(timer);
  }

  #update(live: Live, record: JobRecord): void {
    live.record = record;
    this.#o.changed(record);
  }

  #starterOf({ createdBy, organizationId }: JobRecord): Bounds {
    const bounds = this.#o.boundsOf(createdBy, organizationId);
    if (bounds === null) throw new GatehouseError('FORBIDDEN', 'Whoever started this job may not act here any more.');
    return bounds;
  }
}
