import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../shared/suppliers/tokens.ts';
import { DOCUMENTED } from '../scenarios/documented.ts';
import { builtCli } from '../support/cli.ts';
import { startTestHost, type TestHost } from '../support/host.ts';

const cli = await builtCli();
let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
  await cli.run(['login', '--url', host.endpoints.api], { input: host.token });
});
afterAll(async () => {
  await host.stop();
  cli.remove();
});

const run = (line: string, options = {}) => cli.run(line.split(' '), options);

describe('supplier', () => {
  it('registers, closes and opens import suppliers', async () => {
    expect(await run('supplier add NEW --closed')).toMatchObject({
      exitCode: 0,
      lines: [{ code: 'NEW', migration: 'closed', effective_within_seconds: 15 }],
    });
    expect((await run('supplier open NEW')).lines).toMatchObject([{ migration: 'open' }]);
    expect((await run('supplier ignore-unknown-columns NEW')).lines).toMatchObject([
      { migration: 'open', ignores_unknown_columns: true },
    ]);
    expect((await run('supplier close NEW')).lines).toMatchObject([{ ignores_unknown_columns: true }]);
    expect((await run('supplier list')).lines.map(({ code, migration }) => `${code} ${migration}`)).toEqual([
      'CLOSED_SUPPLIER closed',
      'NEW closed',
      'TEST_SUPPLIER open',
    ]);
  });

  it.each([
    ['supplier add TEST_SUPPLIER', 2, /already registered.* Nothing was done\./],
    ['supplier add lower', 2, /code: A code has at most 64 capitals/],
    ['supplier close NOBODY', 1, /answered 404/],
    ['supplier add', 2, /needs CODE/],
    ['supplier', 2, /^supplier needs one of list, add, open, close,/],
  ])('"%s" ends with exit code %i and the reason', async (line, exitCode, reason) => {
    const result = await run(line);
    expect([result.exitCode, result.lines[0].error]).toEqual([exitCode, expect.stringMatching(reason)]);
  });
});

describe('token', () => {
  const CREATE = 'token create --name pipeline --role importer --supplier TEST_SUPPLIER';

  it('writes a new key alone to standard output, which logs in', async () => {
    const { stdout, stderr, exitCode } = await run(`${CREATE} --expires 2999-01-31`);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^spi_[\w-]{43}\n$/)]);
    const key = stdout.trim();
    const id = sha256(key).slice(0, 12);
    expect(stderr).toContain(`${id}: importer of TEST_SUPPLIER, until 2999-01-31T00:00`);
    expect(stderr).not.toContain(key);
    const variables = { SUPPLY_POINTS_URL: host.endpoints.api, SUPPLY_POINTS_TOKEN: key };
    expect((await run('whoami', { variables })).lines).toMatchObject([{ role: 'importer' }]);
    const { lines } = await run('token list');
    expect(lines.find((token) => token.id === id)).toMatchObject({ name: 'pipeline', state: 'valid' });

    const rotated = await run(`token rotate ${id} --old-until 2998-01-01`);
    expect(rotated.stdout).toMatch(/^spi_[\w-]{43}\n$/);
    expect(rotated.stderr).toContain(`${id}, is valid until 2998-01-01`);
    expect(await run(`token revoke ${id}`)).toMatchObject({ exitCode: 0, lines: [{ id, state: 'revoked' }] });
  });

  it('writes the token with its key as a JSON line with --json', async () => {
    const { lines } = await run(`${CREATE} --json`);
    expect(lines).toMatchObject([{ key: expect.stringMatching(/^spi_/), token: { name: 'pipeline' } }]);
  });

  it.each([
    ['token create --role viewer', 2, /^error: token create needs --name/],
    ['token create --name x --role king --supplier TEST_SUPPLIER', 2, /role: "king" is not a valid choice/],
    ['token create --name x --role viewer --supplier NOBODY', 2, /suppliers: "NOBODY" is not/],
    [`${CREATE} --expires yesterday`, 2, /expires_at: Datetime has wrong format/],
    [`${CREATE} --key spi_x`, 2, /Unknown option/],
    ['token rotate 000000000000', 1, /answered 404/],
  ])(
    '"%s" ends with exit code %i and the reason, none of which is captured as a key',
    async (line, code, reason) => {
      const { exitCode, stdout, stderr } = await run(line);
      expect([exitCode, stdout, stderr]).toEqual([code, '', expect.stringMatching(reason)]);
      expect((await run(`${line} --json`)).lines[0].error).toMatch(
        new RegExp(reason.source.replace('^error: ', '^')),
      );
    },
  );

  it('is for administrators', async () => {
    const variables = { SUPPLY_POINTS_URL: host.endpoints.api, SUPPLY_POINTS_TOKEN: host.viewerToken };
    const { exitCode, lines } = await run('token list', { variables });
    expect([exitCode, lines[0].error]).toEqual([1, expect.stringContaining('403')]);
  });

  it('create is sent once: without a response it is unknown whether a token was created', async () => {
    let requests = 0;
    const server = createServer((request) => {
      requests += 1;
      request.socket.destroy();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const variables = { SUPPLY_POINTS_URL: url, SUPPLY_POINTS_TOKEN: host.token };
    const { exitCode, stdout, stderr } = await run(CREATE, { variables });
    server.close();
    expect([exitCode, stdout, requests]).toEqual([1, '', 1]);
    expect(stderr).toMatch(/unknown whether it was done\.\nnext: supply-points token list/);
  });
});

describe('scenarios', () => {
  it('are shown in words, set from a file and removed', async () => {
    const shown = await run('scenarios show --supplier TEST_SUPPLIER');
    expect(shown.lines[0]).toMatchObject({ example: '4999000001', text: expect.stringContaining('ERRORED') });
    const { stdout } = await run('scenarios show --supplier TEST_SUPPLIER --rules');
    expect(JSON.parse(stdout)).toEqual(DOCUMENTED);
    await run('supplier add REHEARSING');
    const key = await host.tokenFor(['REHEARSING'], { role: 'operator' });
    const variables = { SUPPLY_POINTS_URL: host.endpoints.api, SUPPLY_POINTS_TOKEN: key };
    const set = await run('scenarios set -', { variables, input: stdout });
    expect(set.lines).toHaveLength(DOCUMENTED.length);
    expect(set.stderr).toContain('within 15 seconds');
    const outdated = await run('scenarios set - --revision 0', { variables, input: '[]' });
    expect([outdated.exitCode, outdated.lines[0].error]).toEqual([
      1,
      expect.stringContaining('revision is 1'),
    ]);
    expect((await run('scenarios clear', { variables })).lines).toMatchObject([{ revision: 2, results: [] }]);
  });

  it.each([
    ['[', /rules.json has no rules/],
    ['{}', /it is not a list/],
    ['[{"identifiers":"499"}]', /rules: rule 1, outcome/],
  ])('%s are refused with the reason', async (text, reason) => {
    writeFileSync(join(cli.folder, 'rules.json'), text);
    const { exitCode, lines } = await run('scenarios set rules.json --supplier TEST_SUPPLIER');
    expect([exitCode, lines[0].error]).toEqual([2, expect.stringMatching(reason)]);
  });
});

it('the bundled file alone says which file the other commands need', () => {
  const folder = mkdtempSync(join(cli.folder, 'alone-'));
  const file = join(folder, 'supply-points.mjs');
  copyFileSync(cli.file, file);
  const { status, stderr } = spawnSync(process.execPath, [file, 'supplier', 'list'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([
    2,
    expect.stringContaining('without the package’s file supply-points-more.mjs'),
  ]);
});
