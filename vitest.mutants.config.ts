import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Tests of a local host: it runs bundled functions in threads, where Stryker cannot switch a mutant on. */
const NEEDS_HOST = /\/(?:host|synthesize|simulation)\.ts'/;

/** The tests that `npm run mutants` runs for each mutant: those of the mutated folders that run in one process. */
export default defineConfig({
  test: {
    include: [
      'test/mutants/*.mutants.ts',
      'test/infra/access/presigned.test.ts',
      ...globSync('test/{api,aws,drops,edge,events,imports,scenarios}/**/*.test.ts').filter(
        (file) => !NEEDS_HOST.test(readFileSync(file, 'utf8')),
      ),
    ],
    globalSetup: ['test/mutants/assembly.ts'],
    testTimeout: 120_000,
  },
});
