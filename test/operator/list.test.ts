import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IMPORT_STATUSES } from '../../shared/imports/model/import-process.ts';
import { startTestHost, type TestHost } from '../support/host.ts';
import { identifierNumber } from '../support/requests.ts';
import { type ListedImport, type ListReply, operator } from './imports.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

let suppliers = 0;
/** An operator of a new supplier without imports. */
async function newSupplier() {
  const code = `SUPPLIER_${++suppliers}`;
  await host.registered.putSupplier({ code, migration: 'open' });
  return operator({ ...host, token: await host.tokenFor([code], { role: 'operator' }) }, code);
}
const numbers = (count: number) => Array.from({ length: count }, (_, index) => identifierNumber(index));
const identifiersOf = ({ body }: ListReply) => body.results.map((each) => each.external_identifier);

/** Reads all pages of a list. `between` runs after each page. */
async function paged(
  client: ReturnType<typeof operator>,
  query: Record<string, string>,
  between: () => Promise<unknown> = async () => {},
): Promise<ListedImport[][]> {
  const pages: ListedImport[][] = [];
  let cursor: string | null = null;
  do {
    const reply: ListReply = await client.list({ ...query, ...(cursor !== null && { cursor }) });
    expect(reply.status).toBe(200);
    pages.push(reply.body.results);
    cursor = reply.body.next_cursor;
    await between();
  } while (cursor !== null);
  return pages;
}

describe('a list', () => {
  it('of a supplier without imports is empty', async () => {
    const client = await newSupplier();
    expect((await client.list()).body).toEqual({ results: [], next_cursor: null });
  });

  it('contains the status of each import, latest change first', async () => {
    const client = await newSupplier();
    const [first, second, third] = numbers(3) as [string, string, string];
    await client.createWaiting(first);
    await client.createWaiting(second);
    await client.createWaiting(third);
    expect(identifiersOf(await client.list())).toEqual([third, second, first]);
    await client.cancel(second);
    const reply = await client.list();
    expect(identifiersOf(reply)).toEqual([second, third, first]);
    expect(reply.body.results[0]).toEqual({
      external_identifier: second,
      ...(await client.statusOf(second, ['CANCELLED'])),
    });
  });

  it('can be filtered by status', async () => {
    const client = await newSupplier();
    const [pending, cancelled, processed, errored, dryRun, dryErrored] = numbers(6) as [
      ...[string, string, string],
      ...[string, string, string],
    ];
    await client.createWaiting(pending);
    await client.createWaiting(cancelled);
    await client.cancel(cancelled);
    await client.createExhausted(errored);
    await client.createExhausted(dryErrored, { is_dry_run: true });
    await client.create(dryRun, { is_dry_run: true });
    await client.statusOf(dryRun, ['DRY_RUN_SUCCEEDED']);
    await client.create(processed);
    await client.statusOf(processed, ['PROCESSED']);
    const expected: Record<string, string[]> = {
      PENDING: [pending],
      IN_PROGRESS: [],
      PROCESSED: [processed],
      ERRORED: [errored],
      DRY_RUN_SUCCEEDED: [dryRun],
      DRY_RUN_ERRORED: [dryErrored],
      CANCELLED: [cancelled],
    };
    for (const status of IMPORT_STATUSES) {
      expect([status, ...identifiersOf(await client.list({ status }))]).toEqual([
        status,
        ...expected[status]!,
      ]);
    }
    expect(identifiersOf(await client.list())).toHaveLength(6);
  });

  it('has pages of page_size imports, twenty by default', async () => {
    const client = await newSupplier();
    const identifiers = numbers(25);
    await Promise.all(identifiers.map((identifier) => client.createWaiting(identifier)));
    const pages = await paged(client, { page_size: '10' });
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
    expect((await paged(client, {})).map((page) => page.length)).toEqual([20, 5]);
    expect((await paged(client, { page_size: '25', status: 'PENDING' })).map((page) => page.length)).toEqual([
      25,
    ]);
    const listed = pages.flat();
    expect(listed.map((each) => each.external_identifier).sort()).toEqual(identifiers);
    const changes = listed.map(({ modified_at }) => modified_at);
    expect(changes).toEqual([...changes].sort().reverse());
  });

  it('contains each unchanged import exactly once while others change', async () => {
    const client = await newSupplier();
    const identifiers = numbers(30);
    await Promise.all(identifiers.map((identifier) => client.createWaiting(identifier)));
    const changing = identifiers.filter((_, index) => index % 3 === 0);
    const remaining = [...changing];
    const pages = await paged(client, { page_size: '7' }, async () => {
      await client.create(identifierNumber(1000 + remaining.length));
      for (const identifier of remaining.splice(0, 3)) await client.cancel(identifier);
    });
    const shown = pages.flat().map((each) => each.external_identifier);
    expect(new Set(shown).size).toBe(shown.length);
    const unchanged = identifiers.filter((identifier) => !changing.includes(identifier));
    expect(shown).toEqual(expect.arrayContaining(unchanged));
  });
});

describe('an invalid list request', () => {
  const INVALID = { status: 400, body: { cursor: ['Invalid cursor.'] } };
  const OF_ANOTHER = { status: 400, body: { cursor: ['The cursor is from another list.'] } };

  it('returns 400 for an unknown status and for an invalid page size', async () => {
    const client = await newSupplier();
    const choices = IMPORT_STATUSES.join(', ');
    expect(await client.list({ status: 'DONE' })).toMatchObject({
      status: 400,
      body: { status: [`"DONE" is not a valid choice. Valid choices are ${choices}.`] },
    });
    for (const page_size of ['0', '101', 'x', '']) {
      expect(await client.list({ page_size })).toMatchObject({
        status: 400,
        body: { page_size: [expect.any(String)] },
      });
    }
    expect((await client.request('GET', '?status=ERRORED&status=PENDING')).status).toBe(400);
    expect((await client.request('GET', '?format=json&%=%&x[]=')).status).toBe(200);
  });

  it('returns 400 for a broken cursor and for a cursor of another list', async () => {
    const client = await newSupplier();
    for (const identifier of numbers(3)) await client.createWaiting(identifier);
    const { body } = await client.list({ page_size: '1' });
    const cursor = body.next_cursor!;
    expect((await client.list({ cursor, page_size: '2' })).body.results).toHaveLength(2);
    for (const broken of ['', 'x', cursor.slice(1), cursor.slice(0, -1), `${cursor}A`, `${cursor}=`, 'é']) {
      expect(await client.list({ cursor: broken })).toMatchObject(INVALID);
    }
    expect(await client.list({ cursor, status: 'PENDING' })).toMatchObject(OF_ANOTHER);
    expect(await (await newSupplier()).list({ cursor })).toMatchObject(OF_ANOTHER);
  });
});

describe('the permission to list', () => {
  it('belongs to every role of the supplier', async () => {
    const client = operator(host);
    for (const role of ['viewer', 'importer', 'operator'] as const) {
      const token = await host.tokenFor(['TEST_SUPPLIER'], { role });
      expect((await client.list({}, token)).status).toBe(200);
      expect((await client.request('GET', '', token)).status).toBe(200);
    }
  });

  it('is missing for other suppliers: 404, as for an unknown supplier', async () => {
    const NOT_FOUND = { status: 404, body: { code: 'not_found' } };
    const foreign = await host.tokenFor(['CLOSED_SUPPLIER'], { role: 'operator' });
    expect(await operator(host).list({}, foreign)).toMatchObject(NOT_FOUND);
    expect(await operator(host).list({ status: 'x' }, foreign)).toMatchObject(NOT_FOUND);
    expect(await operator(host, '__proto__').list()).toMatchObject(NOT_FOUND);
    expect((await operator(host).list({}, 'nonsense')).status).toBe(401);
  });
});
