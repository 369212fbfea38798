import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differencesOf } from '../../cli/compare/differences.ts';
import { vectors } from '../contract/recorded.ts';
import { builtCli } from '../support/cli.ts';
import { startTestHost, type TestHost } from '../support/host.ts';
import { type ProxiedResponse, startProxy } from '../support/proxy.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

const cli = await builtCli();
let host: TestHost;
let other: Awaited<ReturnType<typeof startProxy>>;
/** How the other service's response to a request is changed, by the request's identifier. */
let changes: Record<string, (response: ProxiedResponse) => ProxiedResponse> = {};
const sent: string[] = [];

beforeAll(async () => {
  host = await startTestHost();
  let isFirst = true;
  other = await startProxy(host.endpoints.api, {
    before: ({ path }) => {
      sent.push(path);
      if (!isFirst) return undefined;
      isFirst = false;
      return { status: 429, headers: { 'retry-after': '0' }, body: {} };
    },
    change: ({ body }, response) => {
      const identifier = Object.keys(changes).find((each) => body.includes(each));
      return identifier === undefined ? response : changes[identifier]!(response);
    },
  });
  await cli.run(['login', '--url', host.endpoints.api], { input: host.token });
  const lines = vectors.filter((_, index) => index % 100 === 0).map((vector) => JSON.stringify(vector));
  writeFileSync(join(cli.folder, 'vectors.ndjson'), lines.join('\n'));
  copyFileSync(new URL('../contract/base.json', import.meta.url), join(cli.folder, 'base.json'));
});
afterAll(async () => {
  await other.stop();
  await host.stop();
  cli.remove();
});

const compare = (...args: string[]) =>
  cli.run(['compare', '--against', other.url, ...args], {
    variables: { SUPPLY_POINTS_AGAINST_TOKEN: host.token },
  });
const [ONE, TWO, THREE, FOUR] = [1, 2, 3, 4].map(identifierNumber) as [string, string, string, string];
const rows = (name: string, requests: object[]): string => {
  writeFileSync(join(cli.folder, name), requests.map((request) => JSON.stringify(request)).join('\n'));
  return name;
};

describe('compare', () => {
  it('sends vectors to both, and finds no difference between equal services', async () => {
    const result = await compare('vectors.ndjson');
    expect(result).toMatchObject({
      exitCode: 0,
      lines: [{ compared: 14, same: 14, different: 0, not_compared: 0 }],
    });
    expect(new Set(sent)).toEqual(new Set(['/v2/data-import/supply-points/validate/']));
  });

  it('shows differences of status, headers and body field by field, without values of persons, and records them', async () => {
    const wrong = guideRequest({ identifier: THREE });
    Object.assign((wrong.payload['accounts'] as { customers: object[] }[])[0]!.customers[0]!, {
      email: 'minnie at home',
    });
    changes = {
      [ONE]: (response) => ({ ...response, status: 400, body: { detail: 'No.', code: 'refused' } }),
      [TWO]: ({ body, ...response }) => {
        body.accounts[0].customers[0].family_name = 'DUCK';
        return { ...response, headers: { ...response.headers, allow: 'POST' }, body };
      },
      [THREE]: (response) => ({
        ...response,
        body: {
          accounts: { 0: { customers: { 0: { email: ['minnie at home is no address of Mickey.'] } } } },
        },
      }),
    };
    const requests = [ONE, TWO].map((identifier) => guideRequest({ identifier }));
    const name = rows('rows.ndjson', [...requests, wrong, guideRequest({ identifier: FOUR })]);
    const { exitCode, lines, stdout } = await compare(name, '--record', 'recorded.ndjson');
    changes = {};
    expect(exitCode).toBe(1);
    expect(lines.at(-1)).toMatchObject({ compared: 4, same: 1, different: 3 });
    const shown = Object.fromEntries(
      lines.slice(0, -1).map(({ where, field, here, there }) => [`${where} ${field}`, [here, there]]),
    );
    expect(shown).toMatchObject({
      'status ': ['200', '400'],
      'header allow': ['(missing)', 'POST'],
      'body accounts.*.customers.*.family_name': ['text of 5 characters', 'text of 4 characters'],
      'body accounts.*.customers.*.email.*': ['Enter a valid email address.', '… is no address of ….'],
      'body code': ['(missing)', '"refused"'],
    });
    expect(stdout).not.toMatch(/mouse|mickey|minnie|DUCK/i);
    const recorded = readFileSync(join(cli.folder, 'recorded.ndjson'), 'utf8').trimEnd().split('\n');
    expect(recorded.map((line) => JSON.parse(line).status).sort()).toEqual([200, 400, 400]);
    // Recorded vectors can be compared again: now nothing differs.
    expect((await compare('recorded.ndjson')).lines).toMatchObject([{ compared: 3, same: 3 }]);
    expect((await compare(name, '--record', 'recorded.ndjson')).lines[0].error).toBe(
      'recorded.ndjson exists. Nothing was sent.',
    );
  });

  it('creates only if it is told to, with identifiers of a range that is set aside', async () => {
    const name = rows('create.ndjson', [
      guideRequest({ identifier: ONE }),
      guideRequest({ identifier: TWO }),
    ]);
    expect((await compare(name, '--create', '--yes')).exitCode).toBe(2);
    const range = ['--create', '--first-identifier', '4002000000'];
    expect((await compare(name, ...range)).stderr).toContain('will be created');
    const before = sent.length;
    const { lines } = await compare(name, ...range, '--yes');
    expect(lines.at(-1)).toMatchObject({ compared: 2 });
    expect(sent.slice(before)).toEqual(Array(2).fill('/v2/data-import/supply-points/'));
    const statuses = await cli.run(['status', '4002000000', '4002000001', ONE]);
    expect(statuses.lines).toHaveLength(2);
  });

  it('without a file compares the example that the service serves', async () => {
    expect((await compare()).lines).toMatchObject([{ compared: 1, same: 1 }]);
  });

  it.each([
    ['no other service', ['compare'], {}, 2, /needs --against/],
    ['no token for it', ['compare', '--against', 'http://127.0.0.1:1'], {}, 2, /SUPPLY_POINTS_AGAINST_TOKEN/],
    ['an unknown environment', ['compare', '--against', 'real'], {}, 2, /There is no environment real/],
    [
      'its token over http',
      ['compare', '--against', 'http://api.example'],
      { SUPPLY_POINTS_AGAINST_TOKEN: 'x' },
      2,
      /unencrypted/,
    ],
  ])('refuses %s', async (_, args, variables, exitCode, error) => {
    const result = await cli.run(args, { variables });
    expect([result.exitCode, result.lines[0].error]).toEqual([exitCode, expect.stringMatching(error)]);
  });

  it('ends when the other service rejects its token', async () => {
    const result = await cli.run(['compare', '--against', other.url], {
      variables: { SUPPLY_POINTS_AGAINST_TOKEN: 'spi_wrong' },
    });
    expect([result.exitCode, result.lines[0].error]).toEqual([
      1,
      expect.stringContaining('does not accept the token'),
    ]);
  });
});

describe('differencesOf', () => {
  const reply = (body: unknown, headers: Record<string, string> = {}) => ({
    status: 200,
    body,
    headers: new Headers(headers),
  });

  it('ignores the order of keys and of lists in headers, and what differs in each response', () => {
    const here = reply(
      { a: 1, b: [2] },
      { vary: 'Accept, Origin', date: 'x', 'x-kraken-correlation-id': '1' },
    );
    const there = reply(
      { b: [2], a: 1 },
      { vary: 'origin,accept', date: 'y', 'x-kraken-correlation-id': '2' },
    );
    expect(differencesOf(here, there, {})).toEqual([]);
  });

  it('tells missing values, null, and values of the same length apart', () => {
    const found = differencesOf(
      reply({ a: null, c: 'one', d: [1] }),
      reply({ b: null, c: 'two', d: {} }),
      {},
    );
    expect(found).toEqual([
      { where: 'body', field: 'a', here: 'null', there: '(missing)' },
      { where: 'body', field: 'c', here: 'text of 3 characters', there: 'text of 3 characters, another' },
      { where: 'body', field: 'd', here: 'a list of 1', there: 'an object with no fields' },
      { where: 'body', field: 'b', here: '(missing)', there: 'null' },
    ]);
  });
});
