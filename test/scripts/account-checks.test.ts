import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readOptions } from '../../scripts/account-checks.ts';
import { commandEnvironment } from '../support/command-environment.ts';
import { dropBucket } from '../support/drops.ts';
import { startTestHost, type TestHost } from '../support/host.ts';
import type { AwsResponses } from './aws-server.ts';
import { deployedAccount, recordsOfChecks } from './deployed-account.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const SCRIPT = join(import.meta.dirname, '../../scripts/account-checks.ts');
/** Starts the command. `ended`: its exit code and output. */
function start(args: string[], env: Record<string, string>) {
  const options = {
    env: commandEnvironment(env),
  };
  const { promise: ended, resolve } = Promise.withResolvers<{
    code: number;
    stdout: string;
    stderr: string;
  }>();
  const child = execFile(process.execPath, [SCRIPT, ...args], options, (error, stdout, stderr) =>
    resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
  );
  return { child, ended };
}

const CHANGES = /^(Put|Create|Set|Delete|Remove|Update(?!Item))/;
const supplierState = async () => (await host.registered.get('ACCOUNT_CHECKS'))?.migration;

describe('npm run account-checks', () => {
  it('exits with 0 if nothing differs, and leaves no data behind', async () => {
    await using account = await deployedAccount(inject('assembly'), host);
    const args = ['--env', 'dev', '--yes', '--wait', '120', '--slow-seconds', '1'];
    const { code, stdout, stderr } = await start(args, account.env).ended;
    expect(stdout).toMatch(/^\n17 ok, 0 different, 3 skipped, 0 unknown\.$/m);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(account.state).toEqual({ limited: false, reserved: undefined });
    expect(account.operations).toEqual(
      expect.arrayContaining(['DeleteFunctionConcurrency', 'RemoveTargets', 'DeleteRule', 'DeleteQueue']),
    );
    expect(await supplierState()).toBe('closed');
    const tokens = (await host.registered.tokens()).filter(({ name }) => name === 'account-checks');
    expect(tokens.map(({ revoked_at }) => typeof revoked_at)).toEqual(['number', 'number']);
    expect(await dropBucket(host).reports('ACCOUNT_CHECKS')).toEqual([]);
    expect(await recordsOfChecks(host)).toEqual([]);
  }, 120_000);

  it('changes nothing without a terminal for the confirmation', async () => {
    await using account = await deployedAccount(inject('assembly'), host);
    const { code, stdout } = await start(['--env', 'dev'], account.env).ended;
    expect(code).toBe(0);
    expect(stdout.match(/^skipped .*: it changes something: --yes$/gm)).toHaveLength(6);
    expect(account.operations.filter((operation) => CHANGES.test(operation))).toEqual([]);
  });

  it('restores its changes when it is interrupted', async () => {
    // A throttle that never takes effect keeps the check polling.
    const responses: AwsResponses = { PutFunctionConcurrency: ({ body }) => body };
    await using account = await deployedAccount(inject('assembly'), host, responses);
    const { child, ended } = start(['--env', 'dev', '--yes', '--wait', '600'], account.env);
    await expect.poll(() => account.operations, { timeout: 60_000 }).toContain('PutFunctionConcurrency');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, stderr: '' });
    expect(account.operations.at(-1)).not.toBe('PutFunctionConcurrency');
    expect(account.operations).toContain('DeleteFunctionConcurrency');
    expect(await supplierState()).toBe('closed');
  }, 120_000);

  it('prints which change could not be restored, and the command that restores it', async () => {
    const DENIED = { error: 'AccessDeniedException', message: 'Not you.' };
    await using account = await deployedAccount(inject('assembly'), host, {
      DeleteFunctionConcurrency: DENIED,
    });
    const args = ['--env', 'dev', '--yes', '--wait', '0', '--slow-seconds', '1'];
    const { code, stderr } = await start(args, account.env).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^NOT RESTORED: .*aws lambda delete-function-concurrency --function-name \w+\): Not you\.$/m,
    );
  }, 120_000);

  it.each<[string, string[], AwsResponses, RegExp]>([
    ['an unknown environment', ['--env', 'nowhere'], {}, /^There is no environment "nowhere"[^\n]+\n$/],
    [
      'an environment that is not deployed',
      ['--env', 'dev'],
      { DescribeStacks: { error: 'ValidationError', message: 'Stack with id dev does not exist' } },
      /^There is no stack supply-point-import-dev in this account and region\.\n$/,
    ],
    [
      'credentials that may not look at the stack',
      ['--env', 'dev'],
      { ListStackResources: { error: 'AccessDenied', message: 'Not you.' } },
      /^AWS rejected the request: Not you\.\n$/,
    ],
  ])('prints one line for %s', async (_, args, responses, expected) => {
    await using account = await deployedAccount(inject('assembly'), host, responses);
    expect(await start(args, account.env).ended).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(expected),
    });
  });

  it.each([
    [[]],
    [['--env', '']],
    [['dev']],
    [['--env', 'dev', '--wait', 'long']],
    [['--env', 'dev', '--no']],
  ])('rejects the arguments %j', (args) => {
    expect(() => readOptions(args)).toThrow();
  });
});
