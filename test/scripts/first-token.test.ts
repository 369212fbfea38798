import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { pathOf } from '../../shared/api/operations.ts';
import { sha256 } from '../../shared/suppliers/tokens.ts';
import { commandEnvironment } from '../support/command-environment.ts';
import { send, startTestHost, type TestHost } from '../support/host.ts';
import { deployedAccount } from './deployed-account.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const SCRIPT = join(import.meta.dirname, '../../scripts/first-token.ts');
const run = async (env: Record<string, string>, ...args: string[]) =>
  promisify(execFile)(process.execPath, [SCRIPT, ...args], { env: commandEnvironment(env) });

describe('npm run first-token', () => {
  it('writes the key of an administrator alone to standard output, and names the others', async () => {
    await using account = await deployedAccount(inject('assembly'), host);
    const { stdout, stderr } = await run(account.env, '--env', 'dev', '--name', 'Minnie Mouse');
    expect(stdout).toMatch(/^spi_[\w-]{43}\n$/);
    const token = stdout.trim();
    const { status } = await send(host, 'GET', pathOf('tokens-list'), { token });
    expect(status).toBe(200);
    expect(stderr).toContain(`${sha256(token).slice(0, 12)}: operator of every supplier in dev`);
    expect(stderr).toContain(
      `Other administrators: ${sha256(host.token).slice(0, 12)} (development, operator)`,
    );
    expect(stderr).not.toContain(token);
  });

  it('names a stack that does not exist in one line', async () => {
    const DescribeStacks = { error: 'ValidationError', message: 'Stack with id x does not exist' };
    await using account = await deployedAccount(inject('assembly'), host, { DescribeStacks });
    const failed = await run(account.env, '--env', 'dev', '--name', 'x').catch((error: object) => error);
    expect(failed).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'There is no stack supply-point-import-dev in this account and region.\n',
    });
  });

  it.each([
    [['--name', 'x'], /^--env must name an environment\./],
    [['--env', 'dev'], /^--name must be the name/],
    [['--env', 'dev', '--name', ' '], /^--name must be the name/],
  ])('needs more than %j', async (args, reason) => {
    const failed = await run({}, ...args).catch((error: object) => error);
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(reason) });
  });
});
