import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEndpoints } from '../../infra/local/state-folder.ts';
import { readCommand } from '../../scripts/registry/options.ts';
import { runCommand } from '../../scripts/registry.ts';
import { sha256 } from '../../shared/suppliers/tokens.ts';
import { commandEnvironment } from '../support/command-environment.ts';
import { SUPPLY_POINTS, send, startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest } from '../support/requests.ts';

let host: TestHost;
let folder: string;
beforeAll(async () => {
  host = await startTestHost();
  folder = mkdtempSync(join(tmpdir(), 'registry-'));
  const { endpoints, token, viewerToken } = host;
  writeEndpoints(folder, { ...endpoints, token, viewerToken });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await host.stop();
});

/** Runs a command line on the host's registry. */
async function command(line: string, now = Date.now()): Promise<{ text: string; key: string }> {
  const read = readCommand([...line.split(' ').filter(Boolean), '--state', folder]);
  const outcome = await runCommand(read, now);
  return typeof outcome === 'string'
    ? { text: outcome, key: '' }
    : { text: outcome.summary, key: outcome.key };
}

const idOf = (key: string): string => sha256(key).slice(0, 12);
const statusWith = async (key: string, supplier = 'TEST_SUPPLIER'): Promise<number> => {
  const json = guideRequest({ supplier });
  return (await send(host, 'POST', `${SUPPLY_POINTS}/validate/`, { token: key, json })).status;
};
/** Longer than the time to live of the authorizer's cache in dev. */
const cacheExpired = { timeout: 15_000, interval: 500 };
const ADD = 'tokens add --name holder --role importer --suppliers TEST_SUPPLIER';

describe('suppliers', () => {
  it('can be registered, closed and opened, with effect on the API, and keep the other attributes of their items', async () => {
    await command('suppliers add NEW-1');
    const { key } = await command('tokens add --name new --role importer --suppliers NEW-1');
    expect(await statusWith(key, 'NEW-1')).toBe(200);
    const item = { kind: 'import-suppliers', key: 'NEW-1', code: 'NEW-1', migration: 'open' };
    const more = { scenarios: [{ some: 'scenario' }], of_a_later_version: 1 };
    const TableName = host.endpoints.tables['registry']!;
    await host.dynamodb.send(new PutCommand({ TableName, Item: { ...item, ...more } }));

    expect((await command('suppliers close NEW-1')).text).toBe('NEW-1 is closed.');
    expect(await host.registered.get('NEW-1')).toEqual({
      code: 'NEW-1',
      migration: 'closed',
      scenarios: more.scenarios,
    });
    await expect.poll(() => statusWith(key, 'NEW-1'), cacheExpired).toBe(400);
    await command('suppliers open NEW-1');
    const { text } = await command('suppliers list');
    expect(text.split('\n')).toEqual([
      'code             migration',
      'CLOSED_SUPPLIER  closed',
      'NEW-1            open',
      'TEST_SUPPLIER    open',
    ]);
  });

  it('can ignore unknown columns of CSV files, and reject them again', async () => {
    await command('suppliers add COLUMNS');
    const ignores = async () => (await host.registered.get('COLUMNS'))!.ignores_unknown_columns;
    expect(await ignores()).toBeUndefined();
    const { text } = await command('suppliers ignore-unknown-columns COLUMNS');
    expect(text).toMatch(/COLUMNS.*ignored/);
    expect(await ignores()).toBe(true);
    await command('suppliers close COLUMNS');
    expect(await ignores()).toBe(true);
    expect((await command('suppliers refuse-unknown-columns COLUMNS')).text).toMatch(/COLUMNS.*rejected/);
    expect(await ignores()).toBeFalsy();
  });

  it.each([
    ['suppliers ignore-unknown-columns NOBODY', /^No import supplier "NOBODY" is registered\.$/],
    ['suppliers refuse-unknown-columns NOBODY', /^No import supplier "NOBODY" is registered\.$/],
    ['suppliers add TEST_SUPPLIER', /^TEST_SUPPLIER is already registered\.$/],
    ['suppliers add lower', /^"lower" is not a valid code/],
    ['suppliers add A#B', /^"A#B" is not a valid code/],
    ['suppliers open NOBODY', /^No import supplier "NOBODY" is registered\.$/],
    ['suppliers close NOBODY', /^No import supplier "NOBODY" is registered\.$/],
  ])('%s fails with the reason', async (line, reason) => {
    await expect(command(line)).rejects.toThrow(reason);
    expect(await host.registered.get('NOBODY')).toBeUndefined();
  });

  it('can be registered with a closed migration', async () => {
    expect((await command('suppliers add SHUT --closed')).text).toBe(
      'SHUT is registered. Its migration is closed.',
    );
  });
});

describe('tokens', () => {
  it('are valid until they are revoked, and their keys are not stored', async () => {
    const { key, text } = await command(`${ADD} --expires 2999-01-31`);
    expect(text).not.toContain(key);
    expect(await statusWith(key)).toBe(200);
    const stored = JSON.stringify(await host.registered.token(sha256(key)));
    expect(stored).not.toContain(key.slice(4));

    const { text: listed } = await command('tokens list');
    expect(listed).not.toContain(key.slice(4));
    const line = listed.split('\n').find((each) => each.startsWith(idOf(key)))!;
    expect(line.split(/ {2,}/)).toEqual([
      idOf(key),
      'importer',
      expect.stringMatching(/^20.*Z$/),
      expect.stringMatching(/^20\d\d-\d\d-\d\d$/),
      '2999-01-31T00:00:00Z',
      '-',
      'holder',
      'TEST_SUPPLIER',
    ]);

    await command(`tokens revoke --id ${idOf(key)}`);
    await expect.poll(() => statusWith(key), cacheExpired).toBe(401);
    await expect(command(`tokens revoke --id ${idOf(key)}`)).rejects.toThrow(/was revoked at 20/);
    await expect(command(`tokens rotate --id ${idOf(key)}`)).rejects.toThrow(/was revoked at 20/);
  });

  it('are rotated: the new token has the same permissions, and the old one is revoked', async () => {
    const { key: old } = await command(`${ADD} --expires 2999-01-31`);
    const { key, text } = await command(`tokens rotate --id ${idOf(old)}`);
    expect(text).toContain(`${idOf(old)}, which it replaces, is revoked.`);
    const [before, after] = await Promise.all([old, key].map((of) => host.registered.token(sha256(of))));
    expect(before).toMatchObject({ revoked_at: expect.any(Number) });
    const { name, role, suppliers, expires_at } = before!;
    expect(after).toEqual({
      ...{ name, role, suppliers, expires_at },
      sha256: sha256(key),
      created_at: expect.any(Number),
    });
  });

  it('are rotated with an expiry for the old one, which never extends its life', async () => {
    const { key: old } = await command(`${ADD} --expires 2999-01-31`);
    await command(`tokens rotate --id ${idOf(old)} --expires 3000-01-01 --old-until 2998-12-31`);
    const of = async (key: string) => (await host.registered.token(sha256(key)))!;
    expect(await of(old)).toMatchObject({ expires_at: Date.UTC(2998, 11, 31) });
    expect((await of(old)).revoked_at).toBeUndefined();
    const { key } = await command(`tokens rotate --id ${idOf(old)} --old-until 3001-01-01`);
    expect(await of(old)).toMatchObject({ expires_at: Date.UTC(2998, 11, 31) });
    expect(await of(key)).toMatchObject({ expires_at: Date.UTC(2998, 11, 31) });
  });

  it('that have expired can be rotated only with a new expiry', async () => {
    const { key } = await command(`${ADD} --expires 2030-01-01`, Date.UTC(2029, 0, 1));
    const now = Date.UTC(2031, 0, 1);
    await expect(command(`tokens rotate --id ${idOf(key)}`, now)).rejects.toThrow(/has expired/);
    await command(`tokens rotate --id ${idOf(key)} --expires 2032-01-01`, now);
  });

  it('must be named by enough digits to identify one of them', async () => {
    const shared = 'abcdef012345';
    const token = { name: 'x', role: 'viewer' as const, suppliers: [], created_at: 0 };
    for (const rest of ['1', '2']) {
      await host.registered.putToken({ ...token, sha256: `${shared}${rest.repeat(52)}` });
    }
    await expect(command(`tokens revoke --id ${shared}`)).rejects.toThrow(
      /^2 tokens begin with abcdef012345/,
    );
    await command(`tokens revoke --id ${shared}1`);
    expect(await host.registered.token(`${shared}${'1'.repeat(52)}`)).toHaveProperty('revoked_at');
    expect(await host.registered.token(`${shared}${'2'.repeat(52)}`)).not.toHaveProperty('revoked_at');
  });

  const many = Array.from({ length: 51 }, (_, number) => `S${number}`).join(',');
  it.each([
    [
      'tokens add --name x --role admin --suppliers TEST_SUPPLIER',
      /^--role must be one of viewer, importer, operator/,
    ],
    ['tokens add --name x --role viewer --suppliers TEST_SUPPLIER,NOBODY', /^Not registered: NOBODY\.$/],
    ['tokens add --name x --role viewer --suppliers ,', /^--suppliers must name at least one/],
    ['tokens add --name x --role importer', /^--suppliers must name at least one/],
    ['tokens add --name x --role importer --suppliers *', /^--suppliers '\*' is for the role operator/],
    ['tokens add --name x --role operator --suppliers *,TEST_SUPPLIER', /^Not registered: \*\.$/],
    [`tokens add --name x --role viewer --suppliers ${many}`, /at most 50 import suppliers, not 51/],
    [`tokens add --name ${'x'.repeat(129)} --role viewer --suppliers TEST_SUPPLIER`, /^--name must be/],
    [`${ADD} --expires 2020-01-01`, /^--expires 2020-01-01 is not in the future\.$/],
    [`${ADD} --expires 2999-02-30`, /^--expires must be a date/],
    [`${ADD} --expires 2999-13-01`, /^--expires must be a date/],
    [`${ADD} --expires 2999-01-01T25:00Z`, /^--expires must be a date/],
    [`${ADD} --expires 2999-01-01T10:00`, /^--expires must be a date/],
    [`${ADD} --expires tomorrow`, /^--expires must be a date/],
    ['tokens revoke --id 000000000000', /^There is no token 000000000000\.$/],
    ['tokens revoke --id NOPE', /^--id must be the 12 digits/],
  ])('%s fails with the reason', async (line, reason) => {
    const before = await host.registered.tokens();
    await expect(command(line)).rejects.toThrow(reason);
    expect(await host.registered.tokens()).toEqual(before);
  });

  it.each(['', ' --suppliers *'])(
    'of operators (%j) are valid for every supplier, including those added later',
    async (option) => {
      const added = option === '' ? 'LATER-1' : 'LATER-2';
      const { key, text } = await command(`tokens add --name ops --role operator${option}`);
      expect(text).toContain('operator for every supplier, it does not expire');
      expect(await statusWith(key)).toBe(200);
      await command(`suppliers add ${added}`);
      await expect.poll(() => statusWith(key, added), cacheExpired).toBe(200);
      const { text: listed } = await command('tokens list');
      expect(listed.split('\n').find((line) => line.startsWith(idOf(key)))).toMatch(/ops +\*$/);
      const { key: next } = await command(`tokens rotate --id ${idOf(key)}`);
      expect(await statusWith(next, added)).toBe(200);
    },
  );

  it('of operators can be restricted to some suppliers', async () => {
    const { key } = await command('tokens add --name ops --role operator --suppliers TEST_SUPPLIER');
    expect(await host.registered.token(sha256(key))).toMatchObject({ suppliers: ['TEST_SUPPLIER'] });
  });

  it('can expire at a time with an offset', async () => {
    const { key } = await command(`${ADD} --expires 2999-01-31T18:00:00+11:00`);
    expect(await host.registered.token(sha256(key))).toMatchObject({ expires_at: Date.UTC(2999, 0, 31, 7) });
  });
});

describe('the arguments', () => {
  it.each([
    ['', /^There is no command ""/],
    ['suppliers', /^There is no command "suppliers"\. The commands are: suppliers list, /],
    ['suppliers remove X', /^There is no command "suppliers remove"/],
    ['suppliers add', /^suppliers add needs a CODE\.$/],
    ['suppliers list X', /^suppliers list takes no CODE\.$/],
    ['suppliers add X Y', /^suppliers add takes no argument "Y"\.$/],
    ['suppliers close X --closed', /^suppliers close takes no --closed\.$/],
    ['tokens add --role viewer', /^tokens add needs --name\.$/],
    ['tokens list --table=', /^--table must name a table\.$/],
    ['tokens list --nonsense', /nonsense/],
  ])('"%s" fail with the reason', (line, reason) => {
    expect(() => readCommand(line.split(' '))).toThrow(reason);
  });

  it('select a deployed registry with --table', () => {
    expect(readCommand(['tokens', 'list', '--table', 'some-table'])).toMatchObject({
      target: { table: 'some-table' },
    });
  });
});

const credentials = () => ({
  AWS_ACCESS_KEY_ID: host.endpoints.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: host.endpoints.credentials.secretAccessKey,
});

describe('the command', () => {
  const run = (args: string[], env: Record<string, string> = {}) => {
    const script = join(import.meta.dirname, '../../scripts/registry.ts');
    return spawnSync(process.execPath, [script, ...args], {
      encoding: 'utf8',
      env: commandEnvironment(env),
    });
  };

  it('writes only the key to standard output', async () => {
    const { status, stdout, stderr } = run([...ADD.split(' '), '--state', folder]);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^spi_[\w-]{43}\n$/)]);
    expect(stderr).toContain(idOf(stdout.trim()));
  });

  it('prints an error in one line and exits with 1', () => {
    const there = { AWS_REGION: 'ap-southeast-2' };
    const known = { ...there, ...credentials() };
    const elsewhere = { AWS_ENDPOINT_URL_DYNAMODB: host.endpoints.dynamodb };
    for (const [args, env, reason] of [
      [['suppliers', 'list', '--state', join(folder, 'none')], {}, 'start one with npm start'],
      [['suppliers', 'list', '--table', 'some'], {}, 'No AWS region'],
      [['suppliers', 'list', '--table', 'some'], there, 'No AWS credentials'],
      [['suppliers', 'list', '--table', 'some'], { ...known, ...elsewhere }, 'There is no table some'],
    ] as const) {
      const { status, stderr } = run([...args], env);
      expect(stderr).toMatch(new RegExp(`^[^\n]*${reason}[^\n]*\n$`));
      expect(status).toBe(1);
    }
  });

  it('uses a deployed registry by its table name, with the region and credentials from the SDK', () => {
    const env = {
      AWS_REGION: 'ap-southeast-2',
      ...credentials(),
      AWS_ENDPOINT_URL_DYNAMODB: host.endpoints.dynamodb,
    };
    const { stdout } = run(['suppliers', 'list', '--table', host.endpoints.tables['registry']!], env);
    expect(stdout).toContain('TEST_SUPPLIER');
  });
});
