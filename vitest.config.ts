import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/assembly.ts'],
    // Two cores: more workers than this only make the local hosts in them slower.
    maxWorkers: 3,
    // Only tests that hang reach these limits: on a busy machine everything takes many times as long.
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
