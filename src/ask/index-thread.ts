import { Worker } from 'node:worker_threads';
import type { IndexView } from '../contract/workspaces.js';
import type { Clock } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { Answers, FromWorker, Request, ToWorker, WorkerSettings } from './index-messages.js';

export interface IndexThreadOptions extends WorkerSettings {
  readonly clock: Clock;
  readonly log: Logger;
  /** The first file of the worker. Default: the one beside this file. */
  readonly worker?: URL | undefined;
  seen(workspaceId: string, view: IndexView): void;
  /** The thread died; what it knew is gone. */
  died(): void;
}

/** Beyond what indexes may take: code, question words, files being read. A thread that wants more ends, alone. */
const HEAP_BESIDE_INDEXES_MB = 256;
/** Deaths so close together are no accident: then the next start waits. */
const TOO_SOON_MS = 30_000;

/** The thread that indexes live in: started at the first need, and again after it died. */
export class IndexThread {
  readonly #options: IndexThreadOptions;
  #worker: Worker | null = null;
  readonly #waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  #lastId = 0;
  #closing = false;
  #diedAt = Number.NEGATIVE_INFINITY;
  #waitsUntil = Number.NEGATIVE_INFINITY;

  constructor(options: IndexThreadOptions) {
    this.#options = options;
  }

  /** @throws GatehouseError as the room there tells; `UNAVAILABLE` when the thread dies meanwhile, or died too often */
  async ask<R extends Request>(request: R): Promise<Answers[R['kind']]> {
    if (this.#closing) throw isStopping();
    return this.#send(this.#worker ?? this.#start(), request);
  }

  /** Whether there is one now: what never was asked for needs no thread to forget it. */
  get isRunning(): boolean {
    return this.#worker !== null;
  }

  #send<R extends Request>(worker: Worker, request: R): Promise<Answers[R['kind']]> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, nowMs: this.#options.clock.nowMs(), request } satisfies ToWorker);
    });
  }

  /** Ends the thread after what it has read is on disk. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (this.#closing) return;
    // From here on a thread that ends does what it was told, also when it ends before it answers.
    this.#closing = true;
    if (worker === null) return;
    await this.#send(worker, { kind: 'close' }).catch(() => {});
    this.#worker = null;
    await worker.terminate();
    this.#refuseWaiting(isStopping());
  }

  #start(): Worker {
    const leftMs = this.#waitsUntil - performance.now();
    if (leftMs > 0) {
      const retryAfterSeconds = Math.ceil(leftMs / 1000);
      throw new GatehouseError('UNAVAILABLE', `${DIED} It is started again in ${retryAfterSeconds} s.`, {
        retryAfterSeconds,
      });
    }
    const { folder, memoryBytes, log } = this.#options;
    const worker = new Worker(this.#options.worker ?? besideThisFile(), {
      workerData: { folder, memoryBytes } satisfies WorkerSettings,
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil(memoryBytes / 1_000_000) + HEAP_BESIDE_INDEXES_MB },
    });
    worker.on('message', (message: FromWorker) => this.#take(message));
    let fault: unknown;
    worker.on('error', (error) => {
      fault = error;
    });
    worker.on('exit', (exitCode) => {
      if (this.#closing) return this.#refuseWaiting(isStopping());
      const why = fault === undefined ? {} : describeError(fault);
      log.error('ask: the thread of the indexes died', { exitCode, ...why });
      this.#ended(worker);
    });
    this.#worker = worker;
    return worker;
  }

  #take(message: FromWorker): void {
    const { seen, log } = this.#options;
    if (message.kind === 'view') seen(message.workspaceId, message.view);
    else if (message.kind === 'log') log[message.level](message.message, message.fields);
    else this.#settle(message);
  }

  #settle(message: FromWorker & { kind: 'answer' | 'refusal' }): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    // Indexes that wait for the next question are no reason to keep the process alive.
    if (this.#waiting.size === 0) this.#worker?.unref();
    if (message.kind === 'answer') {
      waiting?.resolve(message.value as never);
    } else {
      const { code, detail, ...facts } = message.refusal;
      waiting?.reject(new GatehouseError(code, detail, facts));
    }
  }

  #ended(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    const now = performance.now();
    if (now - this.#diedAt < TOO_SOON_MS) this.#waitsUntil = now + TOO_SOON_MS;
    this.#diedAt = now;
    this.#options.died();
    this.#refuseWaiting(new GatehouseError('UNAVAILABLE', `${DIED} Ask again.`, { retryAfterSeconds: 1 }));
  }

  #refuseWaiting(error: GatehouseError): void {
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of lost) reject(error);
  }
}

const isStopping = () => new GatehouseError('UNAVAILABLE', 'Gatehouse is stopping.');

const DIED = 'The index has stopped working, and the log has the reason.';

/** In `dist` as it is bundled, in `src` through a loader. */
function besideThisFile(): URL {
  const name = import.meta.url.endsWith('.ts') ? './index-worker-from-source.mjs' : './index-worker.js';
  return new URL(name, import.meta.url);
}
