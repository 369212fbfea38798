import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Vitest's workers and the commands that tests start load compiled code from here: half of a command's CPU time is compilation.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/node-compile-cache');

/** Tests that load functions' code, which reads its environment variables once, and tests that measure their process's memory. */
const ISOLATED = [
  'test/faults/**/*.test.ts',
  'test/edge/metrics.test.ts',
  'test/functions/*.test.ts',
  'test/scenarios/functions.test.ts',
  'test/infra/cloud/operations.test.ts',
  'test/drops/formats/*.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: ['test/support/assembly.ts'],
    // The CDK's own validation takes two thirds of a synthesis. test/infra/cloud/checked-synthesis.ts turns it on.
    env: { CDK_VALIDATION: 'false' },
    // Two cores: more workers than this only make the local hosts in them slower.
    maxWorkers: 3,
    // Only tests that hang reach these limits: on a busy machine everything takes many times as long.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // The default is one second.
    expect: { poll: { timeout: 60_000 } },
    projects: [
      // Files share a process, which loads the CDK and the SDK once.
      {
        extends: true,
        test: { name: 'shared', include: ['test/**/*.test.ts'], exclude: ISOLATED, isolate: false },
      },
      { extends: true, test: { name: 'isolated', include: ISOLATED } },
    ],
  },
});
