import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtCli } from '../support/cli.ts';
import { commandEnvironment } from '../support/command-environment.ts';
import { startTestHost, type TestHost } from '../support/host.ts';
import { startProxy } from '../support/proxy.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

const cli = await builtCli();
let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
  const login = await cli.run(['login', '--url', host.endpoints.api, '--name', 'local'], {
    input: host.token,
  });
  expect(login).toMatchObject({ exitCode: 0, lines: [{ name: 'local', role: 'operator' }] });
});
afterAll(async () => {
  await host.stop();
  cli.remove();
});

/** Writes a file of valid rows with identifiers of its own. */
function file(name: string, rows: number, first: number, last = ''): string {
  const lines = Array.from({ length: rows }, (_, index) =>
    JSON.stringify(guideRequest({ identifier: identifierNumber(first + index) })),
  );
  writeFileSync(join(cli.folder, name), `${lines.join('\n')}\n${last}`);
  return name;
}
const resultsOf = (name: string) =>
  readFileSync(join(cli.folder, `${name}.results.ndjson`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('import', () => {
  it('sends each row, records its outcome, and watch waits until all have ended', async () => {
    const name = file('plain.ndjson', 8, 100, '{"import_supplier":"NOBODY"}\n');
    const sent = await cli.run(['import', name]);
    expect(sent).toMatchObject({
      exitCode: 3,
      lines: [{ scheduled: 8, in_progress: 0, already_imported: 0, rejected: 1 }],
    });
    expect(
      resultsOf(name)
        .slice(1)
        .map(({ line }) => line)
        .sort(),
    ).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await cli.run(['watch', name])).toMatchObject({
      exitCode: 3,
      lines: [{ PROCESSED: 8, rejected: 1 }],
    });
    const status = await cli.run(['status', identifierNumber(100), identifierNumber(999_999)]);
    expect(status).toMatchObject({ exitCode: 3, lines: [{ status: 'PROCESSED' }] });
  });

  it('goes on after kills: one result for each row, each supply point created once', async () => {
    const name = file('killed.ndjson', 60, 200);
    const path = join(cli.folder, `${name}.results.ndjson`);
    for (const results of [10, 30, 45]) {
      const child = cli.start(['import', name, '--concurrency', '3']);
      const closed = once(child, 'close');
      const hasResults = () => existsSync(path) && readFileSync(path, 'utf8').split('\n').length > results;
      await expect.poll(hasResults, { timeout: 60_000, interval: 5 }).toBe(true);
      child.kill('SIGKILL');
      await closed;
    }
    // A kill in the middle of a write.
    appendFileSync(path, '{"line":60,"identi');
    expect((await cli.run(['import', name])).exitCode).toBe(0);
    const rows = resultsOf(name).slice(1);
    expect(new Set(rows.map(({ line }) => line)).size).toBe(60);
    expect(rows).toHaveLength(60);
    await cli.run(['watch', name]);
    const list = await cli.run(['list', '--limit', '1000']);
    const mine = list.lines.filter(
      ({ external_identifier: id }) => Number(id) >= 4_001_000_200 && Number(id) < 4_001_000_260,
    );
    expect(mine.map(({ status }) => status)).toEqual(Array(60).fill('PROCESSED'));
    const { body } = await historyOf(identifierNumber(200));
    expect(body.results.filter(({ event }: { event: string }) => event === 'submitted')).toHaveLength(1);
  });

  it('refuses a second run on the same results, and results of another file or service', async () => {
    const name = file('locked.ndjson', 1, 300);
    writeFileSync(join(cli.folder, `${name}.results.ndjson.lock`), String(process.pid));
    const second = await cli.run(['import', name]);
    expect(second).toMatchObject({
      exitCode: 1,
      lines: [{ error: expect.stringContaining(`Another run (process ${process.pid}) uses`) }],
    });
    // The lock of a process that has ended is replaced.
    writeFileSync(join(cli.folder, `${name}.results.ndjson.lock`), '999999999');
    expect((await cli.run(['import', name])).exitCode).toBe(0);
    appendFileSync(join(cli.folder, name), '\n');
    const other = await cli.run(['import', name]);
    expect(other.lines[0].error).toContain('has the results of another run (bytes');
  });

  it('stops with the command to go on with when the service cannot be reached', async () => {
    const server = createServer((_, response) => response.writeHead(401).end('{"detail":"Invalid token."}'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const variables = { SUPPLY_POINTS_URL: url, SUPPLY_POINTS_TOKEN: 'spi_x' };
    const name = file('refused.ndjson', 2, 400);
    const result = await cli.run(['import', name], { variables });
    expect(result).toMatchObject({ exitCode: 1, lines: [{ next: 'supply-points login' }] });
    expect(result.lines[0].error).toContain('does not accept the token');
    server.close();
  });

  it('creates each row once when connections are lost after requests were handled', async () => {
    const name = file('lost.ndjson', 12, 800);
    const seen = new Map<string, number>();
    const proxy = await startProxy(host.endpoints.api, {
      // Every other response is lost. The hour ahead is that of a machine whose clock is wrong.
      change: ({ path, body }, response) => {
        const headers = { ...response.headers, date: new Date(Date.now() + 3_600_000).toUTCString() };
        if (!path.endsWith('/supply-points/')) return { ...response, headers };
        const count = (seen.get(body) ?? 0) + 1;
        seen.set(body, count);
        return count === 1 && seen.size % 2 === 0 ? 'reset' : { ...response, headers };
      },
    });
    const variables = { SUPPLY_POINTS_URL: proxy.url, SUPPLY_POINTS_TOKEN: host.token };
    const result = await cli.run(['import', name], { variables });
    await proxy.stop();
    const [{ scheduled, in_progress, already_imported, rejected }] = result.lines;
    expect([result.exitCode, scheduled + in_progress + already_imported, rejected]).toEqual([0, 12, 0]);
    expect([...seen.values()].filter((count) => count === 2)).toHaveLength(6);
    expect(result.stderr.match(/clock is 60 min behind that of/g)).toHaveLength(1);
    await cli.run(['watch', name]);
    const identifiers = Array.from({ length: 12 }, (_, index) => identifierNumber(800 + index));
    expect(await host.supplyPointCount(identifiers)).toBe(12);
  });

  it('stops on a full disk, and goes on where it was when there is room again', async () => {
    const name = file('full.ndjson', 30, 850);
    // A limit of two blocks of 1024 bytes for each file.
    const args = [process.execPath, cli.file, 'import', name, '--concurrency', '1'];
    const limited = spawn('bash', ['-c', 'ulimit -f 2; exec "$@"', '-', ...args], {
      cwd: cli.folder,
      env: commandEnvironment({ SUPPLY_POINTS_CONFIG: join(cli.folder, 'config.json') }),
    });
    const [output, [exitCode]] = await Promise.all([text(limited.stdout), once(limited, 'close')]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(output)).toMatchObject({
      error: expect.stringContaining('The result could not be written'),
      next: `supply-points import ${name}`,
    });
    expect((await cli.run(['import', name])).exitCode).toBe(0);
    const lines = resultsOf(name)
      .slice(1)
      .map(({ line }) => line);
    expect([lines.length, new Set(lines).size]).toEqual([30, 30]);
  });

  it('reports an unreachable service in one line', async () => {
    const result = await cli.run(['login', '--url', 'http://127.0.0.1:9'], { input: host.token });
    expect(result).toMatchObject({
      exitCode: 1,
      lines: [
        { error: expect.stringMatching(/^127\.0\.0\.1:9 cannot be reached: .*It was tried 3 times\.$/) },
      ],
    });
  });

  it('makes dry runs, and stores the token for the user only', async () => {
    const name = file('dry.ndjson', 2, 500);
    expect((await cli.run(['import', name, '--dry-run'])).exitCode).toBe(0);
    expect((await cli.run(['watch', name])).lines).toEqual([{ DRY_RUN_SUCCEEDED: 2 }]);
    expect(statSync(join(cli.folder, 'config.json')).mode & 0o777).toBe(0o600);
  });
});

describe('drop', () => {
  it('uploads a file, follows it to its end, and downloads the failed rows to correct and drop', async () => {
    const name = file(
      'dropped.ndjson',
      6,
      600,
      '{"import_supplier":"TEST_SUPPLIER","supply_point":"none"}\n',
    );
    const dropped = await cli.run(['drop', name]);
    expect(dropped.exitCode).toBe(3);
    const [status] = dropped.lines;
    expect(status).toMatchObject({
      name,
      state: 'ENDED',
      rows: { read: 7, accepted: 6 },
      imports: { processed: 6 },
    });
    expect((await cli.run(['drops'])).lines[0].drop).toBe(status.drop);
    const failed = await cli.run(['failed-rows', status.drop]);
    expect(failed.lines).toMatchObject([{ line: 7, outcome: 'invalid' }]);
    expect(await cli.run(['failed-rows', status.drop, '--out', 'failed.ndjson'])).toMatchObject({
      exitCode: 0,
    });
    expect(readFileSync(join(cli.folder, 'failed.ndjson'), 'utf8')).toContain('"supply_point":"none"');
    // It never replaces a file.
    expect((await cli.run(['failed-rows', status.drop, '--out', 'failed.ndjson'])).exitCode).toBe(1);
    expect((await cli.run(['drop-status', 'unknown'])).lines[0].error).toContain('404');
  });

  it('drops a file once, however often its run is killed', async () => {
    const name = file('dropped-once.ndjson', 3, 700);
    const state = join(cli.folder, `${name}.drop.json`);
    const seen = (text: string) => () => existsSync(state) && readFileSync(state, 'utf8').includes(text);
    // Killed before, during or after the upload; and when it was uploaded.
    for (const text of ['"isUploaded":false', '"isUploaded":true', '"drop":']) {
      const child = cli.start(['drop', name]);
      const closed = once(child, 'close');
      await expect
        .poll(() => seen(text)() || child.exitCode !== null, { timeout: 60_000, interval: 2 })
        .toBe(true);
      child.kill('SIGKILL');
      await closed;
    }
    await cli.run(['drop', name]);
    const { lines } = await cli.run(['drops']);
    expect(lines.filter((each) => each.name === name && each.rows.already_imported === 0)).toHaveLength(1);
  });
});

const historyOf = async (identifier: string) => {
  const response = await fetch(
    `${host.endpoints.api}/v2/data-import/supply-points/TEST_SUPPLIER/${identifier}/history/`,
    { headers: { Authorization: `Token ${host.token}` } },
  );
  return { body: (await response.json()) as { results: { event: string }[] } };
};
