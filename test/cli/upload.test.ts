import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Uploading, uploadFile } from '../../cli/commands/upload.ts';
import { service } from '../../cli/service.ts';
import { terminal } from '../../cli/terminal.ts';
import { OPERATIONS } from '../../shared/api/operations.ts';

/** Requests that the server received: `create`, the numbers and contents of parts, and `complete` with the list of ETags. */
let received: string[] = [];
/** The status of the response to a request, if it is not 200. */
let statuses: Record<string, number> = {};
let onCreate = (): void => {};
const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-upload-'));
const file = join(folder, 'large.ndjson');

// Real uploads in parts begin at 100 MiB. This server has parts of four bytes.
const server = createServer(async (request, response) => {
  const body = await text(request);
  const [, name = ''] = /^\/s3\/(.*)/.exec(request.url!) ?? [];
  const what = name === '' ? 'create' : name;
  if (name === '') onCreate();
  received.push(name === '' ? what : `${what} ${body}`);
  const status = statuses[what] ?? (name === '' ? 201 : 200);
  const url = `http://${request.headers.host}/s3/`;
  const presigned = (to: string) => ({ method: 'PUT', url: `${url}${to}`, headers: {} });
  const parts = [4, 4, 2].map((bytes, index) => ({ number: index + 1, bytes, ...presigned(`${index + 1}`) }));
  const created = {
    upload: null,
    multipart: { parts, complete: presigned('complete'), abort: presigned('abort') },
  };
  response
    .writeHead(status, { etag: `"${name}"` })
    .end(name === '' ? JSON.stringify(created) : '<Code>Gone</Code>');
});
// The bundle has the routes in place of the table of operations.
vi.stubGlobal(
  'ROUTES',
  Object.fromEntries(Object.entries(OPERATIONS).map(([name, { method, path }]) => [name, [method, path]])),
);
let api: ReturnType<typeof service>;
beforeAll(async () => {
  writeFileSync(file, 'aaaabbbbcc');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  api = service({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'spi_x' });
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  received = [];
  statuses = {};
  onCreate = () => {};
});

/** Runs an upload from a saved state. Returns the state that it saved last, and its error. */
async function upload(saved: string): Promise<{ state: string; error: string | undefined }> {
  const uploading = JSON.parse(saved) as Uploading;
  let state = saved;
  const save = () => {
    state = JSON.stringify(uploading);
  };
  const output = terminal(process, { json: true, env: {} });
  const error = await uploadFile(api, 'TEST_SUPPLIER', file, uploading, { save, terminal: output }).catch(
    (failure: Error) => failure.message,
  );
  return { state, error: error ?? undefined };
}
/** The state of an upload whose completion S3 has refused. */
async function stoppedAtEnd(): Promise<string> {
  statuses = { complete: 403 };
  const { state, error } = await upload(BEGUN);
  expect(error).toBe('The upload failed (status 403 Gone). Nothing was imported: run the command again.');
  received = [];
  statuses = {};
  return state;
}
/** The same, stopped before the second part. */
async function stoppedBeforeSecond(): Promise<string> {
  const uploading = JSON.parse(await stoppedAtEnd());
  expect(uploading.multipart.etags).toEqual({ 1: '"1"', 2: '"2"', 3: '"3"' });
  delete uploading.multipart.etags[2];
  return JSON.stringify(uploading);
}
const BEGUN = JSON.stringify({ name: 'large.ndjson', bytes: 10 });
const etags = (...names: string[]) =>
  names
    .map((name, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>"${name}"</ETag></Part>`)
    .join('');
const COMPLETE = `complete <CompleteMultipartUpload>${etags('1', '2', '3')}</CompleteMultipartUpload>`;

describe('an upload in parts', () => {
  it('goes on with the parts that are missing', async () => {
    const saved = await stoppedBeforeSecond();
    expect((await upload(saved)).error).toBeUndefined();
    expect(received).toEqual(['2 bbbb', COMPLETE]);
  });

  it('begins anew when the requests of the earlier run have expired', async () => {
    const saved = await stoppedBeforeSecond();
    statuses = { 2: 403 };
    // The requests of the new upload are accepted.
    onCreate = () => {
      statuses = {};
    };
    expect((await upload(saved)).error).toBeUndefined();
    expect(received.slice(0, 2)).toEqual(['2 bbbb', 'create']);
    expect(received).toHaveLength(6);
    expect(received.at(-1)).toBe(COMPLETE);
  });

  it('has ended when the earlier run was stopped while S3 completed it', async () => {
    const saved = await stoppedAtEnd();
    statuses = { complete: 404 };
    expect((await upload(saved)).error).toBeUndefined();
    expect(received).toEqual([COMPLETE]);
  });
});
