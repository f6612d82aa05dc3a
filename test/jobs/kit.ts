import { onTestFinished } from 'vitest';
import type { Audit, AuditEvent } from '../../src/audit/audit.js';
import { boundsFor } from '../../src/guard/bounds.js';
import { type JobRun, type Jobs, openJobs } from '../../src/jobs/jobs.js';
import type { Actor, Bounds, Principal } from '../../src/kernel/principal.js';
import { principal } from '../guard/gate.js';
import { TestClock } from '../support/clock.js';
import { claim, quietLog, temporaryFolder } from '../support/store-kit.js';

export const lookups = {
  organizations: { has: () => true, requestLimit: () => null },
  workspaces: { ownerOf: () => 'org_default' },
  credentials: { ownerOf: () => null },
};

export const boundsOf = (over: Partial<Principal> = {}): Bounds =>
  boundsFor(principal({ scopes: new Set(['jobs:read', 'jobs:write']), ...over }), lookups);
export const actor = (over: Partial<Principal> = {}): Actor => ({
  bounds: boundsOf(over),
  address: '192.0.2.1',
  requestId: 'req_test',
});

export const job = (input: unknown = 'work') => ({
  kind: 'ask' as const,
  organizationId: 'org_default',
  workspaceId: null,
  title: String(input),
  input,
});

export interface Desk {
  readonly jobs: Jobs;
  readonly clock: TestClock;
  readonly folder: string;
  readonly audited: AuditEvent[];
  /** Runs that have begun and not ended, by input. */
  readonly running: Map<string, { run: JobRun; end(result: unknown): void; fail(error: unknown): void }>;
  readonly begun: string[];
  /** The folder is one process's; the next desk on it is the next process. */
  release(): Promise<void>;
}

/** The queue on a real folder; every run waits until the test ends it. */
export async function openDesk({
  folder = '',
  concurrency = 2,
  who = boundsOf() as Bounds | null,
}: {
  folder?: string;
  concurrency?: number;
  who?: Bounds | null;
} = {}): Promise<Desk> {
  const path = folder === '' ? await temporaryFolder() : folder;
  const claimed = await claim(path);
  const clock = new TestClock();
  const audited: AuditEvent[] = [];
  const running: Desk['running'] = new Map();
  const begun: string[] = [];
  const jobs = await openJobs({
    folder: claimed,
    audit: { record: async (event: AuditEvent) => void audited.push(event) } as Audit,
    clock,
    log: quietLog,
    boundsOf: () => who,
    works: [
      {
        kind: 'ask',
        concurrency,
        run: (input, run) =>
          new Promise((end, fail) => {
            const name = String(input);
            begun.push(name);
            running.set(name, { run, end, fail });
            run.signal.addEventListener('abort', () => fail(run.signal.reason));
          }),
      },
    ],
  });
  onTestFinished(async () => {
    await jobs.close();
    await claimed.release();
  });
  return { jobs, clock, folder: path, audited, running, begun, release: () => claimed.release() };
}
