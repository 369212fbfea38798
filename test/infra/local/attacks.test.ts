import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { accessKeyIdOf, newCredentials } from '../../../infra/local/access/credentials.ts';
import { signedHeaders } from '../../../infra/local/access/signature.ts';
import { type Answer, breakOff, listeningPorts, type Sent, sendTo } from './port-requests.ts';
import { type Command, type EndpointsFile, endpointsIn, startCommand } from './start-command.ts';

// The ports come from the operating system: a list written here could miss one.
const itOnLinux = it.skipIf(process.platform !== 'linux');

const parent = mkdtempSync(join(tmpdir(), 'supply-point-import-attacks-'));
const folder = join(parent, 'state');
let command: Command;
let endpoints: EndpointsFile;
let ports: number[];
beforeAll(async () => {
  command = startCommand(['--state', folder, '--assembly', inject('assembly')]);
  await command.ready;
  endpoints = endpointsIn(folder);
  ports = process.platform === 'linux' ? listeningPorts(command.pid) : [];
}, 60_000);
afterAll(async () => {
  await command.stop('SIGKILL');
  rmSync(parent, { recursive: true, force: true });
});

const portOf = (url: string): number => Number(new URL(url).port);
const signed = async (
  service: string,
  port: number,
  sent: Sent,
  credentials = endpoints.credentials,
): Promise<Sent> => ({
  ...sent,
  headers: await signedHeaders(
    { ...sent, url: `http://127.0.0.1:${port}${sent.path}` },
    service,
    credentials,
  ),
});

const SCAN = (): Sent => ({
  method: 'POST',
  path: '/',
  headers: {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'DynamoDB_20120810.Scan',
  },
  body: JSON.stringify({ TableName: endpoints.tables['registry'] }),
});
const RECEIVE = (): Sent => ({
  method: 'POST',
  path: '/',
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues' },
  body: '{}',
});
const bucket = (): string => endpoints.buckets['drops']!;
const EVENTS: Sent = { method: 'GET', path: '/events' };
const READS = (): [service: string, Sent][] => [
  ['dynamodb', SCAN()],
  ['sqs', RECEIVE()],
  ['s3', { method: 'GET', path: `/${bucket()}?list-type=2` }],
  ['s3', { method: 'GET', path: '/' }],
  ['s3', { method: 'GET', path: '/_fauxqs/queues' }],
  ['events', EVENTS],
];
const put = (path: string, body = 'attack'): Sent => ({ method: 'PUT', path, body });

/** The API's page of links, which is public. */
const isPublic = (port: number, { method, path }: Sent): boolean =>
  port === portOf(endpoints.api) && method === 'GET' && path.split('?')[0] === '/';

/** Checks that a response contains no data of the host and no header that lets a web page read it. */
function expectRefused({ status, headers, text }: Answer, what: string): void {
  expect(status, what).toBeGreaterThanOrEqual(400);
  expect(status, what).toBeLessThan(500);
  expect(headers['access-control-allow-origin'], what).toBeUndefined();
  for (const secret of ['TEST_SUPPLIER', bucket(), 'supply-point-import-dev', 'healthy'])
    expect(text, what).not.toContain(secret);
}

describe('every port of the process', () => {
  itOnLinux('is one of those that endpoints.json names', () => {
    const { api, dynamodb, sqs, s3, eventbridge } = endpoints;
    expect(new Set(ports)).toEqual(new Set([api, dynamodb, sqs, s3, eventbridge].map(portOf)));
    const unix = readFileSync(`/proc/${command.pid}/net/unix`, 'utf8');
    expect(unix).not.toContain('supply-point-import');
  });

  itOnLinux('serves the operator: the rejections below have another reason', async () => {
    const [dynamodb, s3, events] = [endpoints.dynamodb, endpoints.s3, endpoints.eventbridge].map(portOf);
    const at: Record<string, number> = { dynamodb: dynamodb!, sqs: s3!, s3: s3!, events: events! };
    for (const [service, sent] of READS())
      expect(await sendTo(at[service]!, await signed(service, at[service]!, sent)), sent.path).toMatchObject({
        status: 200,
      });
    expect(await sendTo(s3!, await signed('s3', s3!, put(`/${bucket()}/fine`)))).toMatchObject({
      status: 200,
    });
  });

  itOnLinux('rejects unsigned requests', async () => {
    for (const port of ports)
      for (const [, sent] of [...READS(), ['s3', put(`/${bucket()}/drops/unsigned`)] as const])
        if (!isPublic(port, sent))
          expectRefused(await sendTo(port, sent), `${sent.method} ${sent.path} at ${port}`);
  });

  itOnLinux('rejects requests with other credentials and changed requests', async () => {
    const { accessKeyId } = endpoints.credentials;
    const others = [
      newCredentials(),
      { accessKeyId, secretAccessKey: newCredentials().secretAccessKey },
      { accessKeyId: accessKeyIdOf('worker'), secretAccessKey: 'local' },
      { accessKeyId: 'local', secretAccessKey: 'local' },
    ];
    for (const port of ports)
      for (const [service, sent] of READS()) {
        if (isPublic(port, sent)) continue;
        for (const credentials of others)
          expectRefused(
            await sendTo(port, await signed(service, port, sent, credentials)),
            `${sent.path} at ${port}`,
          );
        const right = await signed(service, port, sent);
        const changed = { ...right, path: `${sent.path}${sent.path.includes('?') ? '&' : '?'}more=1` };
        expectRefused(await sendTo(port, changed), `changed ${sent.path} at ${port}`);
      }
    const port = portOf(endpoints.dynamodb);
    const body = JSON.stringify({ TableName: endpoints.tables['supply-points'] });
    expectRefused(await sendTo(port, { ...(await signed('dynamodb', port, SCAN())), body }), 'another body');
  });

  itOnLinux.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'evil.localhost',
  ])('rejects the host name "%s", signed or not', async (host) => {
    for (const port of ports)
      for (const [service, sent] of READS()) {
        const right = await signed(service, port, sent);
        for (const { headers } of [sent, right]) {
          const answer = await sendTo(port, { ...sent, headers: { ...headers, host } });
          expectRefused(answer, `${sent.path} at ${port}`);
          if (host !== '') expect(answer.status).toBe(403);
        }
      }
  });

  itOnLinux.each(['https://evil.example', 'http://127.0.0.1:1', 'http://localhost', 'null'])(
    'rejects the origin %s, signed or not, also of preflight requests',
    async (origin) => {
      for (const port of ports) {
        const preflight = {
          method: 'OPTIONS',
          path: '/',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'authorization',
          },
        };
        const answer = await sendTo(port, preflight);
        expect(answer.status).toBe(403);
        expectRefused(answer, `preflight at ${port}`);
        for (const [service, sent] of READS()) {
          const right = await signed(service, port, sent);
          for (const { headers } of [sent, right])
            expect((await sendTo(port, { ...sent, headers: { ...headers, origin } })).status).toBe(403);
        }
      }
    },
  );

  itOnLinux.each([
    ['application/x-www-form-urlencoded', 'Action=ListQueues'],
    ['application/x-www-form-urlencoded', 'Action=CreateTopic&Name=a'],
    ['text/plain', '<Delete><Object><Key>fine</Key></Object></Delete>'],
    [
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="key"\r\n\r\ndrops/TEST_SUPPLIER/form.ndjson\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nattack\r\n--b--\r\n',
    ],
  ])('rejects posts of HTML forms: %s %j', async (type, body) => {
    for (const port of ports)
      for (const path of ['/', `/${bucket()}`, `/${bucket()}?delete`, `/${bucket()}/drops/form`]) {
        const sent = { method: 'POST', path, headers: { 'content-type': type }, body };
        const answer = await sendTo(port, sent);
        expectRefused(answer, `${path} at ${port}`);
        if (port !== portOf(endpoints.api)) expect(answer.status).toBe(403);
        if (type.startsWith('multipart'))
          expectRefused(await sendTo(port, await signed('s3', port, sent)), `signed ${path} at ${port}`);
      }
    const at = portOf(endpoints.s3);
    expect(
      await sendTo(at, await signed('s3', at, { method: 'GET', path: `/${bucket()}/fine` })),
    ).toMatchObject({ status: 200 });
  });

  itOnLinux('rejects names that leave their bucket, and writes nothing outside', async () => {
    const paths = [
      '../../../../../escaped',
      '..%2f..%2f..%2f..%2f..%2fescaped',
      'drops/%2e%2e/%2e%2e/other/escaped',
      '../escaped',
    ];
    for (const port of ports) {
      for (const path of [...paths.map((key) => `/${bucket()}/${key}`), '/../escaped/a', '/%2e%2e/escaped'])
        expectRefused(await sendTo(port, await signed('s3', port, put(path))), `${path} at ${port}`);
      for (const name of ['x-amz-copy-source', 'x-amz-rename-source']) {
        const headers = { [name]: `/${bucket()}/../../../../endpoints.json` };
        const path = `/${bucket()}/copied${name === 'x-amz-rename-source' ? '?renameObject' : ''}`;
        expectRefused(
          await sendTo(port, await signed('s3', port, { method: 'PUT', path, headers })),
          `${name} at ${port}`,
        );
      }
      const body = '<Delete><Object><Key>../../../../endpoints.json</Key></Object></Delete>';
      const deletion = { method: 'POST', path: `/${bucket()}?delete=`, body };
      expectRefused(await sendTo(port, await signed('s3', port, deletion)), `?delete at ${port}`);
    }
    expect(existsSync(join(folder, 'endpoints.json'))).toBe(true);
    expect(filesBelow(parent).filter((path) => path.includes('escaped'))).toEqual([]);
  });

  itOnLinux('outlives requests that break off', async () => {
    for (const port of ports)
      for (const text of [
        'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 100\r\n\r\n{"Tab',
        'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"Tab',
        'PUT /a/b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Len',
      ])
        await breakOff(port, text);
    for (const port of ports) expect((await sendTo(port, EVENTS)).status).toBeGreaterThanOrEqual(400);
  });
});

itOnLinux('an own bucket is answered for by its name below localhost, and by path', async () => {
  const port = portOf(endpoints.s3);
  const url = `http://${bucket()}.localhost:${port}/named`;
  const headers = await signedHeaders({ method: 'PUT', url, body: 'text' }, 's3', endpoints.credentials);
  expect(await sendTo(port, { method: 'PUT', path: '/named', headers, body: 'text' })).toMatchObject({
    status: 200,
  });
  const read = await signed('s3', port, { method: 'GET', path: `/${bucket()}/named` });
  expect(await sendTo(port, read)).toMatchObject({ status: 200, text: 'text' });
});

it('only this user can read the host’s state: folders 700, files 600', () => {
  const found = [folder, ...filesBelow(folder)];
  expect(found.length).toBeGreaterThan(10);
  const open = found.filter(
    (path) => !lstatSync(path).isSymbolicLink() && (lstatSync(path).mode & 0o077) !== 0,
  );
  expect(open).toEqual([]);
});

const filesBelow = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name));
