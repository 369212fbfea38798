import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENVIRONMENT_NAMES } from '../../infra/environments.ts';
import { commandEnvironment } from '../support/command-environment.ts';
import { startTestHost, type TestHost } from '../support/host.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-command-'));
let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(async () => {
  await host.stop();
  rmSync(folder, { recursive: true });
});

const CREDENTIALS = {
  AWS_REGION: 'ap-southeast-2',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};

/** Runs a script in a process with only the given AWS settings. */
const run = (script: string, args: readonly string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    const options = { cwd: ROOT, env: commandEnvironment(env) };
    execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

/** All scripts and benchmarks. */
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const COMMANDS = globSync('{scripts,bench}/*.ts', { cwd: ROOT }).sort();

describe.concurrent('every command', () => {
  it('has a name for npm run', () => {
    const named = Object.values(scripts).map((command) => command.split(' ')[1]);
    expect(COMMANDS.length).toBeGreaterThan(10);
    expect(COMMANDS.filter((script) => !named.includes(script))).toEqual([]);
  });

  it.each(COMMANDS)('%s prints its usage for --help', { timeout: 180_000 }, async (script) => {
    const name = Object.keys(scripts).find((each) => scripts[each]!.split(' ')[1] === script);
    const { code, stdout, stderr } = await run(script, ['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^npm run ${name}\\b[^]*\n {2}--help +\\S`));
  });

  it.each(COMMANDS)(
    '%s rejects an unknown option in one line, and prints its usage',
    { timeout: 180_000 },
    async (script) => {
      const { code, stdout, stderr } = await run(script, ['--unknown']);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^Unknown option '--unknown'.*\n\nnpm run /);
      expect(stderr).not.toMatch(/^ +at /m);
    },
  );
});

describe('a user error is one line without a stack:', () => {
  const ONE_LINE = (expected: string) => new RegExp(`^[^\n]*${expected}[^\n]*\n$`);
  const FIRST = ['--env', 'dev', '--name', 'Minnie'];
  const ERASE = ['--supplier', 'A', '--state', folder];

  it.each<[string, string, string[], Record<string, string>, string]>([
    ['no local host', 'erase', ERASE, {}, 'start one with npm start'],
    ['no region', 'first-token', FIRST, {}, 'No AWS region'],
    ['no credentials', 'first-token', FIRST, { AWS_REGION: 'ap-southeast-2' }, 'No AWS credentials'],
    [
      'nothing at the address',
      'first-token',
      FIRST,
      { ...CREDENTIALS, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
      'AWS cannot be reached',
    ],
    [
      'no such environment',
      'first-token',
      ['--env', 'nowhere', '--name', 'Minnie'],
      {},
      'There is no environment "nowhere"',
    ],
  ])('%s, from %s', async (_, name, args, env, expected) => {
    expect(await run(`scripts/${name}.ts`, args, env)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(ONE_LINE(expected)),
    });
  });

  it('the list of environments, from cdk synth', { timeout: 180_000 }, async () => {
    const env = { CDK_CONTEXT_JSON: JSON.stringify({ env: 'nowhere' }) };
    expect(await run('infra/app.ts', [], env)).toEqual({
      code: 1,
      stdout: '',
      stderr: `There is no environment "nowhere"; there are: ${ENVIRONMENT_NAMES.join(', ')}.\n`,
    });
  });
});

it('cdk synth prints one line if the credentials are of another account', { timeout: 180_000 }, async () => {
  const env = { CDK_CONTEXT_JSON: JSON.stringify({ env: 'prod' }), CDK_DEFAULT_ACCOUNT: '000000000000' };
  expect(await run('infra/app.ts', [], env)).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^The environment "prod" belongs to the account [^\n]+\n$/),
  });
});

it('scripts/environments.ts prints every environment in the order of the rows', async () => {
  expect((await run('scripts/environments.ts', [])).stdout.trim().split('\n')).toEqual(ENVIRONMENT_NAMES);
  const json = JSON.parse((await run('scripts/environments.ts', ['--json'])).stdout);
  expect(json.map(({ name }: { name: string }) => name)).toEqual(ENVIRONMENT_NAMES);
  expect(json).toContainEqual({ name: 'dev', smokeOptions: '' });
  expect(json).toContainEqual({ name: 'prod', smokeOptions: '--creates-nothing' });
});
