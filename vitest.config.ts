import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Begun first: whichever of them came last would run alone for minutes. */
const SLOW = ['dashboard/screens', 'cli/transcripts', 'dashboard/', 'http/access-matrix', 'cli/', 'ask/', 'vault/'];

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = SLOW.findIndex((part) => moduleId.includes(`/test/${part}`));
      return at === -1 ? SLOW.length : at;
    };
    return [...files].sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // What has to happen soon says how soon; the rest waits for a machine that is busy.
    expect: { poll: { timeout: 10_000 } },
    // Many tests start real processes and servers; two cores are the smallest machine that has to pass; a third worker has what the two wait for.
    maxWorkers: 3,
    sequence: { sequencer: SlowestFirst },
    reporters: ['default'],
  },
});
