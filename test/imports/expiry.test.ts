import { DeleteCommand, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentNamed } from '../../infra/environments.ts';
import { dropId } from '../../shared/drops/drop.ts';
import { objectStore } from '../../shared/drops/objects.ts';
import { operator } from '../operator/imports.ts';
import { dropBucket } from '../support/drops.ts';
import { SUPPLY_POINTS, send, startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const { personalDataDays, drops } = environmentNamed('dev');
const KEPT_MS = personalDataDays! * DAY_MS;

let host: TestHost;
let asOperator: ReturnType<typeof operator>;
beforeAll(async () => {
  host = await startTestHost();
  asOperator = operator(host);
});
afterAll(() => host.stop());

type Table = 'import-processes' | 'supply-points';
const TABLES = ['import-processes', 'supply-points'] as const;
const place = (table: Table, identifier: string) => ({
  TableName: host.endpoints.tables[table]!,
  Key: table === 'supply-points' ? { identifier } : { id: `TEST_SUPPLIER#${identifier}` },
});
const item = async (table: Table, identifier: string) =>
  (await host.dynamodb.send(new GetCommand({ ...place(table, identifier), ConsistentRead: true }))).Item;
const remove = (table: Table, identifier: string) =>
  host.dynamodb.send(new DeleteCommand(place(table, identifier)));
/** Sets an item’s expiry to a second ago. DynamoDB has not deleted it yet. */
const expireNow = (table: Table, identifier: string) =>
  host.dynamodb.send(
    new UpdateCommand({
      ...place(table, identifier),
      UpdateExpression: 'SET expires_at_seconds = :past',
      ConditionExpression: 'attribute_exists(expires_at_seconds)',
      ExpressionAttributeValues: { ':past': Math.floor(Date.now() / 1000) - 1 },
    }),
  );

async function createAgain(identifier: string, substation: string): Promise<void> {
  const json = guideRequest({ identifier });
  Object.assign(json.payload.supply_point, { substation });
  const reply = await send(host, 'POST', `${SUPPLY_POINTS}/`, { token: host.token, json });
  expect(reply.text).toBe('{}');
}
const substationOf = async (identifier: string) =>
  ((await asOperator.created(identifier)).body as { supply_point: { substation: string } }).supply_point
    .substation;
async function processed(identifier: string): Promise<void> {
  await asOperator.create(identifier);
  await asOperator.statusOf(identifier, ['PROCESSED']);
}

describe('the expiry of personal data', () => {
  it('is set when an import finishes, and is no later for its supply point', async () => {
    const identifier = identifierNumber(1);
    await processed(identifier);
    const record = (await item('import-processes', identifier))!;
    const supplyPoint = (await item('supply-points', identifier))!;
    expect(record['expires_at_seconds']).toBe(Math.floor((record['modified_at'] + KEPT_MS) / 1000));
    expect(supplyPoint['expires_at_seconds']).toBe(Math.floor((supplyPoint['created_at'] + KEPT_MS) / 1000));
    expect(supplyPoint['expires_at_seconds']).toBeLessThanOrEqual(record['expires_at_seconds']);
  });

  it.each<[string, number, (identifier: string) => Promise<unknown>, string]>([
    ['errored', 2, (identifier) => asOperator.createExhausted(identifier), 'ERRORED'],
    [
      'cancelled',
      3,
      async (identifier) => {
        await asOperator.createWaiting(identifier);
        await asOperator.cancel(identifier);
      },
      'CANCELLED',
    ],
    ['dry run', 4, (identifier) => asOperator.create(identifier, { is_dry_run: true }), 'DRY_RUN_SUCCEEDED'],
  ])('is set for a finished import (%s), and removed by a new submission', async (_, number, end, status) => {
    const identifier = identifierNumber(number);
    await end(identifier);
    await asOperator.statusOf(identifier, [status]);
    expect(await item('import-processes', identifier)).toHaveProperty('expires_at_seconds');
    await asOperator.createWaiting(identifier);
    expect(await item('import-processes', identifier)).not.toHaveProperty('expires_at_seconds');
  });

  it('makes the host delete expired items, and no open or unexpired ones', async () => {
    const [ended, open] = [identifierNumber(5), identifierNumber(6)];
    await processed(ended);
    await asOperator.createWaiting(open);
    await host.expireItems(Date.now() + KEPT_MS - DAY_MS);
    for (const table of TABLES) expect(await item(table, ended)).toBeDefined();
    expect(await host.expireItems(Date.now() + KEPT_MS + DAY_MS)).toBeGreaterThanOrEqual(2);
    for (const table of TABLES) expect(await item(table, ended)).toBeUndefined();
    await asOperator.statusOf(open, ['PENDING']);
  });

  it('hides expired items that DynamoDB has not deleted yet', async () => {
    const identifier = identifierNumber(7);
    await processed(identifier);
    for (const table of TABLES) await expireNow(table, identifier);
    for (const path of ['', 'history/', 'created/'])
      expect(await asOperator.request('GET', `${identifier}/${path}`)).toMatchObject({ status: 404 });
    const { results } = (await asOperator.list({ page_size: '100' })).body;
    expect(results.map((listed) => listed.external_identifier)).not.toContain(identifier);
  });

  it.each<{ deleted: readonly Table[]; number: number }>([
    { deleted: [], number: 10 },
    { deleted: ['import-processes'], number: 11 },
    { deleted: ['supply-points'], number: 12 },
    { deleted: TABLES, number: 13 },
  ])(
    'lets a new import create its own data when DynamoDB has deleted $deleted of the expired items',
    async (row) => {
      const identifier = identifierNumber(row.number);
      await processed(identifier);
      for (const table of TABLES) await expireNow(table, identifier);
      for (const table of row.deleted) await remove(table, identifier);
      await createAgain(identifier, 'ANOTHER');
      await asOperator.statusOf(identifier, ['PROCESSED']);
      expect(await substationOf(identifier)).toBe('ANOTHER');
    },
  );

  it('never makes an import PROCESSED because of another import’s supply point, when only the earlier record is deleted', async () => {
    const identifier = identifierNumber(14);
    await processed(identifier);
    await remove('import-processes', identifier);
    await createAgain(identifier, 'ANOTHER');
    const { latest_error } = await asOperator.statusOf(identifier, ['PROCESSED', 'ERRORED']);
    expect(latest_error).toMatchObject({ code: 'supply_point_already_exists' });
    await asOperator.create(identifier);
    await asOperator.statusOf(identifier, ['PROCESSED']);
  });

  it('is set for the records of a drop', async () => {
    const bucket = dropBucket(host);
    const name = 'TEST_SUPPLIER/mickey-mouse.ndjson';
    await bucket.drop(name, `${JSON.stringify(guideRequest({ identifier: identifierNumber(15) }))}\n`);
    await bucket.summaryOf(name, ['ENDED']);
    const head = await objectStore(bucket.client).head(bucket.Bucket, `drops/${name}`);
    const query = new QueryCommand({
      TableName: host.endpoints.tables['drop-records']!,
      KeyConditionExpression: 'id = :id',
      ExpressionAttributeValues: { ':id': dropId(head!.source) },
    });
    const items = async () => (await host.dynamodb.send(query)).Items ?? [];
    // The worker counts an import after it has finished it, when the drop may have ended already.
    await expect
      .poll(async () => [
        ...new Set(
          (await items()).map(({ item }) => item.replace(/^minute#2\d{3}-\d\d-\d\dT\d\d:\d\d$/, 'minute')),
        ),
      ])
      .toEqual(['drop', 'followed#000000', 'minute', 'part#000000', 'progress#000000']);
    const earliest = Math.floor((head!.source.dropped_at + drops.keptDays * DAY_MS) / 1000);
    for (const { expires_at_seconds } of await items()) {
      expect(expires_at_seconds).toBeGreaterThanOrEqual(earliest);
      expect(expires_at_seconds).toBeLessThan(earliest + 3600);
    }
  });
});
