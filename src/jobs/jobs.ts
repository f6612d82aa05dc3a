import type { Audit } from '../audit/audit.js';
import { audited } from '../audit/audited.js';
import type { JobShown, JobView, ListJobs } from '../contract/jobs.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { Actor, Bounds } from '../kernel/principal.js';
import type { DataFolder } from '../store/data-folder.js';
import { type DocumentFolder, openDocuments } from '../store/document-folder.js';
import { listJobs, noSuchJob, seesJob } from './list.js';
import type { Jobs, JobWork, NewJob } from './port.js';
import { isOver, JobRecord, titleOf, viewOf } from './record.js';
import { surplus } from './retention.js';
import { Cancelled, type Live, Runner } from './runner.js';

export type { JobRun, Jobs, JobWork } from './port.js';

export interface JobsOptions {
  readonly folder: DataFolder;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly log: Logger;
  readonly works: readonly JobWork[];
  /** What a principal may do now; `null`: they are gone, or may not act any more. */
  readonly boundsOf: (principalId: string, organizationId: string) => Bounds | null;
}

/** Jobs that wait at once; more is a loop that ran away, or a machine too small for what it is asked. */
const MAX_QUEUED = 500;
/** Of one caller, so that one agent's batch does not shut out everybody else. */
const MAX_QUEUED_BY_ONE = 100;
const FULL_RETRY_SECONDS = 5;
const SWEEP_EVERY_MS = 3_600_000;

/** Jobs as files under `.gatehouse/jobs/`. @throws the system error when that folder cannot be made or read */
export async function openJobs(options: JobsOptions): Promise<Jobs> {
  const documents = await openDocuments({
    folder: options.folder,
    path: '.gatehouse/jobs',
    parse: (head) => JobRecord.parse(head),
    log: options.log,
  });
  return new FileJobs(options, documents);
}

class FileJobs implements Jobs {
  readonly #audit: Audit;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #documents: DocumentFolder<JobRecord>;
  /** By id, oldest first. */
  readonly #records: Map<string, JobRecord>;
  readonly #runner: Runner;
  readonly #sweep: NodeJS.Timeout;
  #closed = false;

  constructor(options: JobsOptions, documents: DocumentFolder<JobRecord>) {
    this.#audit = options.audit;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#documents = documents;
    const oldestFirst = documents.heads.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
    this.#records = new Map(oldestFirst.map((record) => [record.id, record]));
    const changed = (record: JobRecord) => void this.#records.set(record.id, record);
    this.#runner = new Runner({ ...options, documents, changed });
    this.#sweep = setInterval(() => void this.#removeOld(), SWEEP_EVERY_MS).unref();
  }

  async submit({ bounds }: Actor, job: NewJob): Promise<JobView> {
    const live = this.#admit(bounds, job, null);
    await this.#saved(live, () => void this.#records.delete(live.record.id));
    const queued = viewOf(live.record, null);
    void this.#runner.enqueue(live);
    return queued;
  }

  async perform(by: Actor, job: NewJob, signal: AbortSignal): Promise<{ job: JobView; result: unknown }> {
    const live = this.#admit(by.bounds, job, by);
    const leave = () => live.controller.abort(new Cancelled());
    signal.addEventListener('abort', leave, { once: true });
    try {
      const result = await this.#runner.enqueue(live);
      return { job: viewOf(live.record, null), result };
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  async *stream(by: Actor, job: NewJob, signal: AbortSignal) {
    const live = this.#admit(by.bounds, job, by);
    const leave = () => live.controller.abort(new Cancelled());
    signal.addEventListener('abort', leave, { once: true });
    // Its failure is in its last event.
    void this.#runner.enqueue(live).catch(() => {});
    try {
      yield* live.events.after(0, signal);
    } finally {
      // Also when nobody reads on.
      signal.removeEventListener('abort', leave);
      leave();
    }
  }

  list(by: Bounds, query: ListJobs) {
    return listJobs([...this.#records.values()].reverse(), by, query, (record) => this.#view(record));
  }

  async show(by: Bounds, id: string): Promise<JobShown> {
    const record = this.#visible(by, id);
    const body = record.status === 'completed' ? await this.#documents.body(id) : undefined;
    const { result = null } = (body ?? {}) as { result?: JobShown['result'] };
    return { job: this.#view(record), result };
  }

  async read(by: Bounds, id: string) {
    const shown = await this.show(by, id);
    const { input = null } = ((await this.#documents.body(id)) ?? {}) as { input?: unknown };
    return { ...shown, input };
  }

  async cancel(by: Actor, id: string): Promise<JobView> {
    const seen = this.#visible(by.bounds, id);
    const live = this.#runner.live.get(id);
    if (live === undefined) throw new GatehouseError('CONFLICT', `This job is ${seen.status} already.`);
    return audited(
      this.#audit,
      by,
      { action: 'job.cancel', target: id, organizationId: seen.organizationId },
      async () => {
        live.controller.abort(new Cancelled());
        await this.#runner.finish(live, { status: 'cancelled' });
        return viewOf(live.record, null);
      },
    );
  }

  async retry(by: Actor, id: string): Promise<JobView> {
    const seen = this.#visible(by.bounds, id);
    if (seen.status !== 'failed' && seen.status !== 'cancelled') {
      const detail = `This job is ${seen.status}; only one that failed or was cancelled runs again.`;
      throw new GatehouseError('CONFLICT', detail);
    }
    this.#requireRoom(seen.createdBy);
    const { input } = ((await this.#documents.body(id)) ?? {}) as { input?: unknown };
    if (input === undefined) throw new GatehouseError('CONFLICT', 'What this job was asked cannot be read any more.');
    return audited(
      this.#audit,
      by,
      { action: 'job.retry', target: id, organizationId: seen.organizationId },
      async () => {
        if (this.#runner.live.has(id)) throw new GatehouseError('CONFLICT', 'This job runs again already.');
        const queued: JobRecord = {
          ...seen,
          status: 'queued',
          startedAt: null,
          finishedAt: null,
          attempts: 0,
          error: null,
        };
        const live = this.#runner.begin(queued, input, null);
        await this.#saved(live, () => void this.#records.set(id, seen));
        void this.#runner.enqueue(live);
        return viewOf(queued, null);
      },
    );
  }

  async *events(by: Bounds, id: string, lastId: number, signal: AbortSignal) {
    this.#visible(by, id);
    const live = this.#runner.live.get(id);
    if (live === undefined) yield { id: lastId + 1, event: 'done' as const, data: await this.show(by, id) };
    else yield* live.events.after(lastId, signal);
  }

  state() {
    const records = [...this.#runner.live.values()].map(({ record }) => record);
    const queued = records.filter(({ status }) => status === 'queued');
    const nowMs = this.#clock.nowMs();
    const oldest = queued.reduce((atMs, { createdAt }) => Math.min(atMs, Date.parse(createdAt)), nowMs);
    return { queued: queued.length, running: records.length - queued.length, oldestQueuedMs: nowMs - oldest };
  }

  start(): void {
    const left = [...this.#records.values()].filter((record) => !isOver(record) && !this.#runner.live.has(record.id));
    for (const record of left) {
      const { id: jobId } = record;
      this.#runner
        .resume(record)
        .catch((error) => this.#log.error('a job was not taken up', { jobId, ...describeError(error) }));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweep);
    await this.#runner.stop();
  }

  #admit(bounds: Bounds, job: NewJob, waiting: Actor | null): Live {
    if (this.#closed) throw new GatehouseError('UNAVAILABLE', 'Gatehouse is stopping.');
    const { id: createdBy } = bounds.principal;
    this.#requireRoom(createdBy);
    const { kind, organizationId, workspaceId, title, input } = job;
    const record: JobRecord = {
      id: newId('job'),
      kind,
      status: 'queued',
      organizationId,
      workspaceId,
      title: titleOf(title),
      createdBy,
      createdAt: toIso(this.#clock.nowMs()),
      startedAt: null,
      finishedAt: null,
      attempts: 0,
      error: null,
    };
    void this.#removeOld();
    return this.#runner.begin(record, input, waiting);
  }

  #requireRoom(createdBy: string): void {
    const waiting = [...this.#runner.live.values()].filter(({ record }) => record.status === 'queued');
    const own = waiting.filter(({ record }) => record.createdBy === createdBy).length;
    if (waiting.length < MAX_QUEUED && own < MAX_QUEUED_BY_ONE) return;
    const whose = own >= MAX_QUEUED_BY_ONE ? `${own} jobs of this caller` : `${waiting.length} jobs`;
    const facts = { retryAfterSeconds: FULL_RETRY_SECONDS };
    throw new GatehouseError('QUEUE_FULL', `${whose} wait already. Try again when some are done.`, facts);
  }

  /** A job that could not be put on disk was not taken in. */
  async #saved(live: Live, undo: () => void): Promise<void> {
    try {
      await this.#runner.save(live);
    } catch (error) {
      this.#runner.live.delete(live.record.id);
      undo();
      throw error;
    }
  }

  async #removeOld(): Promise<void> {
    for (const { id } of surplus([...this.#records.values()], this.#clock.nowMs())) {
      this.#records.delete(id);
      await this.#documents.remove(id);
    }
  }

  #view(record: JobRecord): JobView {
    return viewOf(record, this.#runner.live.get(record.id)?.progress ?? null);
  }

  #visible(by: Bounds, id: string): JobRecord {
    const record = this.#records.get(id);
    if (record === undefined || !seesJob(by, record)) throw noSuchJob();
    return record;
  }
}
