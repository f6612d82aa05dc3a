import { isOver, type JobRecord } from './record.js';

/** Ended jobs are kept a week, and never more than so many: each is a file. */
const KEPT_MS = 7 * 86_400_000;
const MAX_KEPT = 2000;

/** Ended jobs that go: older than a week, or the oldest beyond 2,000. @param jobs - oldest first */
export function surplus(jobs: readonly JobRecord[], nowMs: number): JobRecord[] {
  const ended = jobs.filter(isOver);
  const tooMany = Math.max(0, jobs.length - MAX_KEPT);
  return ended.filter(
    ({ finishedAt }, index) => index < tooMany || (finishedAt !== null && Date.parse(finishedAt) + KEPT_MS <= nowMs),
  );
}
