import type { PageOf } from '../contract/fields.js';
import type { JobKind, JobProgress, JobShown, JobView, ListJobs } from '../contract/jobs.js';
import type { Actor, Bounds } from '../kernel/principal.js';
import type { JobEvent } from './event-log.js';

/** What a run is given, beside its input. */
export interface JobRun {
  /** Of whoever started it, as they are when it runs. */
  readonly bounds: Bounds;
  /** The same, as the audit names who acts: with the request of whoever waits, else with the job. */
  readonly by: Omit<Actor, 'bounds'>;
  /** Aborted when it is cancelled, nobody waits for it, or the program stops. */
  readonly signal: AbortSignal;
  /** Whether somebody holds a connection open for the answer. */
  readonly waited: boolean;
  progress(progress: JobProgress): void;
  /** Tells whoever listens what is there already of the result. */
  emit(event: 'citations' | 'delta', data: unknown): void;
}

/** What a kind of job does. A run may happen again after a crash, so it must bear that. */
export interface JobWork {
  readonly kind: JobKind;
  /** Runs of this kind at once. */
  readonly concurrency: number;
  run(input: unknown, run: JobRun): Promise<unknown>;
}

export interface NewJob {
  readonly kind: JobKind;
  readonly organizationId: string;
  readonly workspaceId: string | null;
  /** What it is asked, for people. */
  readonly title: string;
  /** Plain JSON, checked by whoever submits. */
  readonly input: unknown;
}

/** Long work: queued, run a few at a time, kept across a crash. Behind this port a distributed queue fits. */
export interface Jobs {
  /**
   * Puts a job into the queue; it is on disk when this resolves.
   * @throws GatehouseError `QUEUE_FULL` with `retryAfterSeconds`, `STORE_UNAVAILABLE`
   */
  submit(by: Actor, job: NewJob): Promise<JobView>;
  /**
   * Runs a job ahead of what waits, and waits for its result, which is on disk when this resolves.
   * @param signal - nobody waits any more: the job is cancelled
   * @throws what the run throws; `QUEUE_FULL`
   */
  perform(by: Actor, job: NewJob, signal: AbortSignal): Promise<{ job: JobView; result: unknown }>;
  /**
   * The same, and tells what happens meanwhile; the last event is `done`, however the job ended.
   * @throws GatehouseError `QUEUE_FULL`, before the first event
   */
  stream(by: Actor, job: NewJob, signal: AbortSignal): AsyncIterable<JobEvent>;
  /** Newest first. */
  list(by: Bounds, query: ListJobs): PageOf<JobView>;
  /** @throws GatehouseError `NOT_FOUND` for a foreign and an unknown job alike */
  show(by: Bounds, id: string): Promise<JobShown>;
  /** What a job was asked, beside what it came to. @throws GatehouseError `NOT_FOUND` */
  read(by: Bounds, id: string): Promise<JobShown & { readonly input: unknown }>;
  /** @throws GatehouseError `NOT_FOUND`; `CONFLICT` when it is over */
  cancel(by: Actor, id: string): Promise<JobView>;
  /** @throws GatehouseError `NOT_FOUND`; `CONFLICT` when it is not over, or has its result; `QUEUE_FULL` */
  retry(by: Actor, id: string): Promise<JobView>;
  /** @throws GatehouseError `NOT_FOUND` */
  events(by: Bounds, id: string, lastId: number, signal: AbortSignal): AsyncIterable<JobEvent>;
  /** For metrics: what waits, what runs, and since when the oldest waits. */
  state(): { readonly queued: number; readonly running: number; readonly oldestQueuedMs: number };
  /** Takes up what a crash or a stop left. */
  start(): void;
  /** Takes no more; what runs is stopped, and taken up by the next start. */
  close(): Promise<void>;
}
