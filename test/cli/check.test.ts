import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Matcher, matches } from '../../cli/check/matchers.ts';
import { type CheckOptions, runChecks } from '../../cli/check/run-checks.ts';
import { builtCli } from '../support/cli.ts';
import { SUPPLY_POINTS, send, startTestHost, type TestHost } from '../support/host.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const options = (url: string, change: Partial<CheckOptions> = {}): CheckOptions => ({
  url,
  caller: {
    token: host.token,
    viewerToken: host.viewerToken,
    supplier: 'TEST_SUPPLIER',
    closedSupplier: 'CLOSED_SUPPLIER',
    hasScenarios: true,
  },
  waitMs: 60_000,
  createsNothing: false,
  ...change,
});

async function run(checked: CheckOptions) {
  const lines: string[] = [];
  const counts = await runChecks(checked, (name, outcome) =>
    lines.push(`${outcome.kind}: ${name}${outcome.kind === 'ok' ? '' : `: ${outcome.detail}`}`),
  );
  return { counts, lines };
}

type Change = { status?: number; body?: (text: string) => string; headers?: (headers: Headers) => void };

/** A proxy to the host, below a stage, which changes some responses. */
async function behind(
  stage: string,
  change: (method: string, path: string, status: number) => Change | undefined,
) {
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const path = request.url!.startsWith(`${stage}/`) ? request.url!.slice(stage.length) : '/not-the-stage';
    const { authorization, 'content-type': type, accept } = request.headers;
    const answer = await fetch(`${host.endpoints.api}${path}`, {
      method: request.method!,
      headers: {
        ...(authorization && { authorization }),
        ...(type && { 'content-type': type }),
        ...(accept && { accept }),
      },
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    const changed = change(request.method!, path, answer.status) ?? {};
    const headers = new Headers(answer.headers);
    changed.headers?.(headers);
    headers.delete('content-length');
    response.writeHead(changed.status ?? answer.status, Object.fromEntries(headers));
    const text = await answer.text();
    response.end(changed.body?.(text) ?? text);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${stage}`;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return { url, [Symbol.asyncDispose]: stop };
}

describe('a service', () => {
  it('that follows the contract has no differences, also in repeated runs', async () => {
    for (const url of [host.endpoints.api, `${host.endpoints.api}/`]) {
      const { counts, lines } = await run(options(url));
      expect(lines.filter((line) => !line.startsWith('ok:'))).toEqual([]);
      expect(counts).toEqual({ ok: lines.length, differs: 0, skipped: 0 });
      expect(counts.ok).toBeGreaterThan(50);
    }
  });

  it('may have a stage in its URL', async () => {
    await using service = await behind('/staging', () => undefined);
    expect((await run(options(service.url))).counts).toMatchObject({ differs: 0, skipped: 0 });
    expect(
      (await run(options(service.url.replace('/staging', '/other'), { waitMs: 0 }))).counts.ok,
    ).toBeLessThan(10);
  });

  // Concurrent, because each waits for imports.
  it.concurrent.each<[string, RegExp, (method: string, path: string, status: number) => Change | undefined]>([
    [
      'another status',
      /^differs: PUT .*expected 405 .*allow: POST, OPTIONS; found 404 \{"detail":"Method/,
      (method) => (method === 'PUT' ? { status: 404 } : undefined),
    ],
    [
      'another header',
      /^differs: PATCH .*; found 405 .* allow: GET$/,
      (method) => (method === 'PATCH' ? { headers: (headers) => headers.set('allow', 'GET') } : undefined),
    ],
    [
      'a challenge left out',
      /^differs: no credentials.*found 401 .* www-authenticate: \(none\)$/,
      (_, __, status) =>
        status === 401 ? { headers: (headers) => headers.delete('www-authenticate') } : undefined,
    ],
    [
      'an identifier for support left out',
      /^differs: PUT .*x-kraken-correlation-id: <an identifier>.*; found 405 .* x-kraken-correlation-id: \(none\)$/,
      (method) =>
        method === 'PUT' ? { headers: (headers) => headers.delete('x-kraken-correlation-id') } : undefined,
    ],
    [
      'a code left out',
      /^differs: PUT .*; found 405 \{"detail":"Method \\"PUT\\" not allowed\."\}$/,
      (method) =>
        method === 'PUT' ? { body: (text) => text.replace(',"code":"method_not_allowed"', '') } : undefined,
    ],
    [
      'no answer to HEAD',
      /^differs: HEAD of an unknown status: expected 404 \(no body\); found 405 /,
      (method) => (method === 'HEAD' ? { status: 405 } : undefined),
    ],
    [
      'one more key',
      /^differs: its status, with the last slash: .*"more":1/,
      (_, path) =>
        path.includes('TEST_SUPPLIER') ? { body: (text) => text.replace(/\}$/, ',"more":1}') } : undefined,
    ],
    [
      'a body that is no JSON',
      /^differs: create with the last slash: expected 201 \{\}; found 201 <html>$/,
      (_, __, status) => (status === 201 ? { body: () => '<html>' } : undefined),
    ],
    [
      'an import that never ends',
      /^differs: its status.* expected 200 .*"PROCESSED".* within 1 s; found 200/,
      (_, path) =>
        path.includes('TEST_SUPPLIER')
          ? {
              body: (text) =>
                text
                  .replace('PROCESSED', 'PENDING')
                  .replace(/"kraken_identifier":"[^"]+"/, '"kraken_identifier":null'),
            }
          : undefined,
    ],
  ])('with %s has that difference', async (_, expected, change) => {
    await using service = await behind('', change);
    const { counts, lines } = await run(options(service.url, { waitMs: 1000 }));
    expect(lines.filter((line) => expected.test(line))).not.toEqual([]);
    expect(lines.filter((line) => line.startsWith('differs'))).toHaveLength(counts.differs);
  });

  it('skips the checks that need a missing viewer token, closed supplier or scenarios', async () => {
    const { counts } = await run({
      ...options(host.endpoints.api),
      caller: {
        token: host.token,
        viewerToken: undefined,
        supplier: 'TEST_SUPPLIER',
        closedSupplier: undefined,
        hasScenarios: false,
      },
    });
    expect(counts).toMatchObject({ differs: 0, skipped: 7 });
  });

  it('with real data is checked without creating anything', async () => {
    const before = (await send(host, 'GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/`, { token: host.token })).text;
    const { counts, lines } = await run(options(host.endpoints.api, { createsNothing: true }));
    expect(counts).toMatchObject({ differs: 0, skipped: 0 });
    expect(counts.ok).toBeGreaterThan(40);
    expect(lines.filter((line) => / create .*(with|without) the last slash/.test(line))).toEqual([]);
    const after = (await send(host, 'GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/`, { token: host.token })).text;
    expect(after).toBe(before);
  });

  it('that does not respond is reported in one line', async () => {
    const gone = await behind('', () => undefined);
    await gone[Symbol.asyncDispose]();
    await expect(run(options(gone.url))).rejects.toThrow(/^Nothing responds at .*ECONNREFUSED/);
  });
});

const cli = await builtCli();
describe('supply-points check', () => {
  afterAll(() => cli.remove());
  const check = (args: string[], variables: Record<string, string>) =>
    cli.run(['check', ...args], { variables });

  it('prints a line for each check and the counts, with the token from a variable', async () => {
    const variables = { SUPPLY_POINTS_TOKEN: host.token, SUPPLY_POINTS_VIEWER_TOKEN: host.viewerToken };
    const { exitCode, lines } = await check(['--url', host.endpoints.api, '--scenarios'], variables);
    expect(exitCode).toBe(0);
    expect(lines[0]).toEqual({ check: expect.stringContaining('validate'), kind: 'ok' });
    expect(lines.at(-1)).toEqual({ ok: lines.length - 1, differs: 0, skipped: 0 });
  });

  it('exits with 1 if a response differs', async () => {
    await using service = await behind('', (method) => (method === 'PUT' ? { status: 404 } : undefined));
    const args = ['--url', service.url, '--creates-nothing'];
    const { exitCode, lines } = await check(args, { SUPPLY_POINTS_TOKEN: host.token });
    expect([exitCode, lines.at(-1).differs]).toEqual([1, 1]);
  });

  it('lists the checks without sending anything', async () => {
    const { exitCode, stdout } = await check(['--list'], {});
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^200 {2}validate the guide/)]);
  });

  it.each([
    [['--url', 'http://127.0.0.1'], {}, 2, /^--url needs the key of a token/],
    [['--url', 'x'], { SUPPLY_POINTS_TOKEN: 'y' }, 2, /^--url must be a URL such as/],
    [['--url', 'ftp://x'], { SUPPLY_POINTS_TOKEN: 'y' }, 2, /^--url must be a URL such as/],
    [['--url', 'http://example.org'], { SUPPLY_POINTS_TOKEN: 'y' }, 2, /unencrypted/],
    [['--url', 'http://127.0.0.1:1', '--wait', 'long'], { SUPPLY_POINTS_TOKEN: 'y' }, 2, /^--wait must be/],
    [[], {}, 2, /^No service is known yet/],
  ])('%j with %j ends with exit code %i and the reason', async (args, variables, exitCode, reason) => {
    const result = await check(args, variables as Record<string, string>);
    expect([result.exitCode, result.lines[0].error]).toEqual([exitCode, expect.stringMatching(reason)]);
  });

  it.each([
    ['SUPPLY_POINTS_TOKEN', 'the token (401)'],
    ['SUPPLY_POINTS_VIEWER_TOKEN', 'the token in SUPPLY_POINTS_VIEWER_TOKEN (401)'],
  ])('names a rejected token of %s', async (variable, expected) => {
    const variables = { SUPPLY_POINTS_TOKEN: host.token, [variable]: 'unknown' };
    const { exitCode, lines } = await check(['--url', host.endpoints.api], variables);
    expect([exitCode, lines[0].error]).toEqual([1, expect.stringContaining(expected)]);
  });
});

it.each([
  [{ a: 1 }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1, b: 2 }, { a: 1 }, false],
  [{ a: undefined }, { b: undefined }, false],
  [[1, 2], [2, 1], false],
  [[1], [1, 2], false],
  [{}, [], false],
  [[], {}, false],
  [{}, null, false],
  [null, {}, false],
  ['1', 1, false],
  [{ a: [new Matcher('odd', (value) => value === 1)] }, { a: [1] }, true],
  [{ a: [new Matcher('odd', (value) => value === 1)] }, { a: [2] }, false],
])('%j, expected, matches %j: %s', (expected, found, fitting) => {
  expect(matches(expected, found)).toBe(fitting);
});
