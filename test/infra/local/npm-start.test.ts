import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import dynalite from 'dynalite';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { localEndpoints } from '../../../scripts/command/local-host.ts';
import { SUPPLY_POINTS, send } from '../../support/host.ts';
import { guideRequest, identifierNumber } from '../../support/requests.ts';
import { type Command, type EndpointsFile, endpointsIn, startCommand } from './start-command.ts';

const folders: string[] = [];
const running = new Set<Command>();
afterAll(async () => {
  for (const command of running) await command.stop('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-state-'));
  folders.push(folder);
  return folder;
}

/** Starts a host with the tests' assembly, waits until it is ready, and returns its endpoints. */
const start = (folder: string, args: string[] = [], variables: Record<string, string> = {}) =>
  startAndSynthesize(folder, ['--assembly', inject('assembly'), ...args], variables);

async function startAndSynthesize(
  folder: string,
  args: string[] = [],
  variables: Record<string, string> = {},
) {
  const command = startCommand(['--state', folder, ...args], variables);
  running.add(command);
  await command.ready;
  const [, port] = /^ready .*:(\d+)$/m.exec(command.output.stdout)!;
  const file = args.includes('--memory') ? `memory-${port}.json` : 'endpoints.json';
  return { ...command, file: join(folder, file), endpoints: endpointsIn(folder, file) };
}
type Started = Awaited<ReturnType<typeof startAndSynthesize>>;

const post = (endpoints: EndpointsFile, identifier: string) =>
  send({ endpoints }, 'POST', `${SUPPLY_POINTS}/`, {
    token: endpoints.token,
    json: guideRequest({ identifier }),
  });
const get = (endpoints: EndpointsFile, identifier: string, token = endpoints.token) =>
  send({ endpoints }, 'GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/${identifier}/`, { token });

/** Posts over ten connections until the host stops. Returns the accepted identifiers. */
async function postUntilGone({ endpoints }: Started, first: number): Promise<string[]> {
  const accepted: string[] = [];
  let next = first;
  const connections = Array.from({ length: 10 }, async () => {
    for (;;) {
      const identifier = identifierNumber(next++);
      const reply = await post(endpoints, identifier).catch(() => undefined);
      if (reply === undefined) return;
      expect(reply.status).toBe(201);
      accepted.push(identifier);
      if (accepted.length === 20) isBusy.resolve();
    }
  });
  const isBusy = Promise.withResolvers<void>();
  busy = isBusy.promise;
  await Promise.all(connections);
  return accepted;
}
let busy: Promise<void> = Promise.resolve();

const oneLine = (text: string): string => {
  expect(text.trim().split('\n')).toHaveLength(1);
  return text.trim();
};

describe('a wrong command', () => {
  it.concurrent.each([
    [{ PORT: 'many' }, 'PORT is many, which is no port.'],
    [{ PORT: '65536' }, 'PORT is 65536, which is no port.'],
    [{ PORT: '-1' }, 'PORT is -1, which is no port.'],
    [
      { DYNAMODB_ENDPOINT: 'localhost:8000' },
      'DYNAMODB_ENDPOINT is localhost:8000, which is no URL such as http://127.0.0.1:8000.',
    ],
  ])('with %o gets one line', async (variables, message) => {
    const { code, stdout, stderr } = await startCommand(['--memory'], variables).ended;
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: `${message}\n` });
  });

  it.concurrent.each([
    [['--assembly', 'docs'], {}, '--assembly is docs, which has no supply-point-import-dev.template.json.'],
    [['--store-units', 'many'], {}, '--store-units is many, which is no number such as 500.'],
    [
      ['--store-units', '500'],
      { DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000' },
      '--store-units throttles the embedded DynamoDB only, and DYNAMODB_ENDPOINT is set.',
    ],
  ])('with %o and %o gets one line', async (args, variables, message) => {
    const { code, stdout, stderr } = await startCommand(['--memory', ...args], variables).ended;
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: `${message}\n` });
  });

  it.concurrent.each([['--frsh'], ['folder'], ['--state']])('with %s gets the usage', async (arg) => {
    const { code, stdout, stderr } = await startCommand([arg]).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(arg);
    expect(stderr).toContain('npm start [-- options]');
    expect(stderr).not.toContain('    at ');
  });

  it.concurrent('with a --state that is not a folder for this host gets one line', async () => {
    const folder = newFolder();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const [state, message] of [
      [file, `${file} is not a folder. Name another folder with --state.\n`],
      [join(file, 'below'), `${join(file, 'below')} is not a folder. Name another folder with --state.\n`],
      [
        folder,
        `${folder} has other files than a local host's, such as file. Name another folder with --state.\n`,
      ],
    ]) {
      const args = ['--state', state!, '--fresh'];
      expect(await startCommand(args).ended).toMatchObject({ code: 1, stdout: '', stderr: message });
    }
    expect(existsSync(file)).toBe(true);
  });

  it.concurrent('before npm ci or with an old Node gets one line', async () => {
    const launcher = join(import.meta.dirname, '../../../infra/local/start.cjs');
    const elsewhere = join(newFolder(), 'start.cjs');
    copyFileSync(launcher, elsewhere);
    const withoutPackages = spawnSync(process.execPath, [elsewhere], { encoding: 'utf8' });
    expect(withoutPackages.status).toBe(1);
    expect(oneLine(withoutPackages.stderr)).toMatch(/^Run npm ci first: it installs Node 24 /);
    const old = `Object.defineProperty(process.versions, 'node', { value: '20.20.2' }); require(${JSON.stringify(launcher)})`;
    const withOldNode = spawnSync(process.execPath, ['-e', old], { encoding: 'utf8' });
    expect(withOldNode.status).toBe(1);
    expect(oneLine(withOldNode.stderr)).toMatch(
      /^This is Node 20\.20\.2, and the local host needs Node 24: /,
    );
  });

  it.concurrent('is not --help', async () => {
    const { code, stdout, stderr } = await startCommand(['--help']).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('npm start [-- options]');
  });
});

describe('the host', { timeout: 60_000 }, () => {
  const folder = newFolder();
  const known = identifierNumber(1);
  let first: Started;
  let second: Started;
  let accepted: string[];
  beforeAll(async () => {
    first = await startAndSynthesize(folder);
  });

  it('prints its address last', () => {
    const { stdout, stderr } = first.output;
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(`ready ${first.endpoints.api}`);
    expect(stdout).toContain(`curl -H 'Authorization: Token ${first.endpoints.token}'`);
    expect(stderr).toBe('');
  });

  it('writes its endpoints to a file that only this user can read', () => {
    expect(first.endpoints).toMatchObject({
      api: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      token: expect.stringMatching(/^spi_/),
      viewerToken: expect.stringMatching(/^spi_/),
      dynamodb: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      sqs: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      s3: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      tables: { 'import-processes': expect.any(String), 'supply-points': expect.any(String) },
      queues: { imports: expect.stringContaining('http'), 'imports-dead-letter': expect.any(String) },
      buckets: expect.any(Object),
    });
    expect(statSync(join(folder, 'endpoints.json')).mode & 0o077).toBe(0);
  });

  it('listens on 127.0.0.1 only', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, address }) => family === 'IPv4' && address !== '127.0.0.1')
      .map(({ address }) => address);
    const ports = [first.endpoints.api, first.endpoints.dynamodb, first.endpoints.sqs].map((url) =>
      Number(new URL(url).port),
    );
    for (const port of ports) {
      expect(await connects('127.0.0.1', port)).toBe(true);
      for (const address of [...others, '::1']) expect(await connects(address, port)).toBe(false);
    }
  });

  it('imports', async () => {
    expect((await post(first.endpoints, known)).status).toBe(201);
    await expect
      .poll(async () => (await get(first.endpoints, known)).body, { timeout: 60_000 })
      .toMatchObject({ status: 'PROCESSED' });
  });

  it('does not share its folder and its port', async () => {
    const { port } = new URL(first.endpoints.api);
    const [sameFolder, samePort] = await Promise.all([
      startCommand(['--state', folder, '--fresh']).ended,
      startCommand(['--memory', '--state', newFolder()], { PORT: port }).ended,
    ]);
    expect(sameFolder).toMatchObject({ code: 1, stdout: '' });
    expect(oneLine(sameFolder.stderr)).toContain(`Another local host uses ${folder}.`);
    expect(samePort).toMatchObject({ code: 1, stdout: '' });
    expect(oneLine(samePort.stderr)).toContain(`Port ${port} is taken`);
    expect((await get(first.endpoints, known)).status).toBe(200);
  });

  it('keeps no state with --memory, and uses DYNAMODB_ENDPOINT', async () => {
    const other = dynalite({ createTableMs: 0 }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const DYNAMODB_ENDPOINT = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const [forgetful, guest] = await Promise.all([
      start(folder, ['--memory']),
      start(newFolder(), ['--memory'], { DYNAMODB_ENDPOINT }),
    ]);
    expect((await get(forgetful.endpoints, known)).status).toBe(404);
    expect(guest.endpoints.dynamodb).toBe(DYNAMODB_ENDPOINT);
    expect((await post(guest.endpoints, known)).status).toBe(201);
    await expect
      .poll(async () => (await get(guest.endpoints, known)).body, { timeout: 60_000 })
      .toMatchObject({ status: 'PROCESSED' });
    expect(endpointsIn(folder)).toEqual(first.endpoints);
    expect(localEndpoints(first.file).token).toBe(first.endpoints.token);
    expect(localEndpoints(forgetful.file).token).toBe(forgetful.endpoints.token);
    expect(() => localEndpoints(folder)).toThrow(
      /^Several local hosts are running: choose one with --state .*endpoints.json .*memory-\d+.json/,
    );
    for (const host of [forgetful, guest]) expect((await host.stop('SIGTERM')).code).toBe(0);
    expect(readdirSync(folder)).not.toContain(basename(forgetful.file));
    expect(localEndpoints(folder).token).toBe(first.endpoints.token);
    other.closeAllConnections();
    await new Promise((done) => other.close(done));
    expect((await get(first.endpoints, known)).status).toBe(200);
  });

  it('stops in the middle of requests without waiting for them', async () => {
    const posting = postUntilGone(first, 1000);
    await busy;
    const { code, afterMs, stderr } = await first.stop('SIGINT');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // About a second on an idle machine. Far below API Gateway's 29 seconds, for which requests could hold it up.
    expect(afterMs).toBeLessThan(15_000);
    accepted = await posting;
  });

  it('has its records and tokens again after a restart', async () => {
    second = await start(folder);
    expect(second.output.stderr).toBe('');
    const endpoints = { ...second.endpoints, token: first.endpoints.token };
    expect((await get(endpoints, known)).body).toMatchObject({ status: 'PROCESSED' });
    for (const identifier of accepted) expect((await get(endpoints, identifier)).status).toBe(200);
    expect((await get(endpoints, known, first.endpoints.viewerToken)).status).toBe(200);
  });

  it('has all records after a kill in the middle of requests', async () => {
    const posting = postUntilGone(second, 2000);
    await busy;
    await second.stop('SIGKILL');
    accepted.push(...(await posting));

    const third = await start(folder);
    expect(third.output.stderr).toContain('DynamoDB: the run before did not stop cleanly');
    expect(third.endpoints.token).toBe(second.endpoints.token);
    for (const identifier of [known, ...accepted])
      expect((await get(third.endpoints, identifier)).status).toBe(200);
    expect((await third.stop()).code).toBe(0);
  });

  it('starts without state with --fresh', async () => {
    const { endpoints, stop } = await start(folder, ['--fresh']);
    expect((await get(endpoints, known)).status).toBe(404);
    expect((await get(endpoints, known, second.endpoints.token)).status).toBe(401);
    expect((await stop()).code).toBe(0);
  });
});

const connects = (host: string, port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect({ host, port });
    socket.on('connect', () => done(true));
    socket.on('error', () => done(false));
    socket.on('close', () => socket.destroy());
    socket.on('connect', () => socket.destroy());
  });
