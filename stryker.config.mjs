/**
 * Mutation tests: Stryker changes the code in many places, one at a time, and runs the tests that cover the place. A change that no test
 * notices "survives". docs/measurements.md has the scores and the survivors.
 *
 * Stryker's vitest runner supports Vitest 5 from 10.1 on: before, it ran no test for a mutant (github.com/stryker-mutator/stryker-js/issues/6210).
 */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.mutants.config.ts' },
  // Once, and not each time that a test runner starts.
  buildCommand: 'node test/mutants/assembly.ts',
  // The tests take seconds. With Stryker's five, mutants on a busy machine would count as killed because they are slow.
  timeoutMS: 30_000,
  mutate: ['shared/{imports,drops,aws}/**/*.ts', 'functions/edge/**/*.ts'],
  coverageAnalysis: 'perTest',
  // Excluded: mutants of code that runs once when a module is loaded. Each would need a new process and all tests, which takes a minute.
  ignoreStatic: true,
  // Later runs test only what has changed since.
  incremental: true,
  incrementalFile: 'reports/mutants/incremental.json',
  reporters: ['clear-text', 'progress-append-only', 'json', 'html'],
  jsonReporter: { fileName: 'reports/mutants/mutants.json' },
  htmlReporter: { fileName: 'reports/mutants/mutants.html' },
  clearTextReporter: { logTests: false, reportTests: false },
  concurrency: 2,
  ignorePatterns: ['bench', 'cdk.out', '.local', 'reports'],
  // Stryker would rewrite the paths in a tsconfig with TypeScript's JavaScript API, which TypeScript 7 does not have. Ours needs no rewriting.
  tsconfigFile: 'none.json',
};
