import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Many tests start real processes and servers; two cores are the smallest machine that has to pass.
    maxWorkers: 2,
    reporters: ['default'],
  },
});
