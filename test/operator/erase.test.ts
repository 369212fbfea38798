import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { DeleteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eraseImport } from '../../shared/imports/use-cases/erase-import.ts';
import { keyOf, storesOf } from '../imports/stores.ts';
import { dropBucket } from '../support/drops.ts';
import { SUPPLY_POINTS, send, startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';
import { operator } from './imports.ts';

let host: TestHost;
let asOperator: ReturnType<typeof operator>;
beforeAll(async () => {
  host = await startTestHost();
  asOperator = operator(host);
});
afterAll(() => host.stop());

const erased = (imports: number, supply_points: number) => ({
  status: 200,
  body: { erased: { imports, supply_points } },
});
async function processed(identifier: string): Promise<void> {
  await asOperator.create(identifier);
  await asOperator.statusOf(identifier, ['PROCESSED']);
}
const itemsWith = async (table: string, identifier: string) => {
  const { Items = [] } = await host.dynamodb.send(
    new ScanCommand({ TableName: host.endpoints.tables[table]!, ConsistentRead: true }),
  );
  return Items.filter((item) => JSON.stringify(item).includes(identifier));
};
const sendMessage = (identifier: string, attempt: number) =>
  host.sqs.send(
    new SendMessageCommand({
      QueueUrl: host.endpoints.queues['imports']!,
      MessageBody: JSON.stringify({
        import_supplier: 'TEST_SUPPLIER',
        external_identifier: identifier,
        attempt,
      }),
    }),
  );
const auditOf = async (identifier: string) =>
  (await host.registered.erasures()).filter((erasure) => erasure.external_identifier === identifier);

describe('DELETE …/data/', () => {
  it('deletes an import with its payload and history, and its supply point', async () => {
    const identifier = identifierNumber(1);
    await processed(identifier);
    expect(await asOperator.erase(identifier)).toMatchObject(erased(1, 1));
    for (const path of ['', 'history/', 'created/'])
      expect(await asOperator.request('GET', `${identifier}/${path}`)).toMatchObject({ status: 404 });
    for (const table of ['import-processes', 'supply-points'])
      expect(await itemsWith(table, identifier)).toEqual([]);
  });

  it('records the caller in the audit once, also when it is repeated', async () => {
    const identifier = identifierNumber(2);
    await processed(identifier);
    await asOperator.erase(identifier);
    expect(await asOperator.erase(identifier)).toMatchObject(erased(0, 0));
    const who = { token_id: expect.stringMatching(/^[0-9a-f]{12}$/), token_name: 'development, operator' };
    const what = {
      import_supplier: 'TEST_SUPPLIER',
      external_identifier: identifier,
      imports: 1,
      supply_points: 1,
    };
    expect(await auditOf(identifier)).toEqual([{ erased_at: expect.any(Number), ...who, ...what }]);
    const [line] = host
      .logs('erase')
      .filter((said) => said.includes('personal data erased') && said.includes(identifier));
    expect(JSON.parse(line!)).toMatchObject({ ...who, ...what });
  });

  it('makes late messages ineffective, and allows a new import with other data', async () => {
    const identifier = identifierNumber(3);
    await processed(identifier);
    await asOperator.erase(identifier);
    await sendMessage(identifier, 1);
    const gone = () =>
      host.logs('worker').some((line) => line.includes(identifier) && line.includes('"gone"'));
    await expect.poll(gone, { timeout: 60_000 }).toBe(true);
    for (const table of ['import-processes', 'supply-points'])
      expect(await itemsWith(table, identifier)).toEqual([]);
    const json = guideRequest({ identifier });
    Object.assign(json.payload.supply_point, { substation: 'ANOTHER' });
    await send(host, 'POST', `${SUPPLY_POINTS}/`, { token: host.token, json });
    await asOperator.statusOf(identifier, ['PROCESSED']);
    expect((await asOperator.created(identifier)).body).toMatchObject({
      supply_point: { substation: 'ANOTHER' },
    });
  });

  it('deletes a supply point without an import, which a crash or a late worker leaves', async () => {
    const identifier = identifierNumber(4);
    await processed(identifier);
    const table = host.endpoints.tables['import-processes']!;
    await host.dynamodb.send(
      new DeleteCommand({ TableName: table, Key: { id: `TEST_SUPPLIER#${identifier}` } }),
    );
    expect(await asOperator.erase(identifier)).toMatchObject(erased(0, 1));
    expect(await itemsWith('supply-points', identifier)).toEqual([]);
  });

  it('returns 409 for a PENDING import and deletes nothing', async () => {
    const identifier = identifierNumber(5);
    await asOperator.createWaiting(identifier);
    expect(await asOperator.erase(identifier)).toMatchObject({
      status: 409,
      body: {
        detail: `The import process with the supply point identifier ${identifier} is PENDING and cannot be erased.`,
        code: 'import_process_cannot_be_erased',
        status: 'PENDING',
      },
    });
    await asOperator.statusOf(identifier, ['PENDING']);
    expect(await auditOf(identifier)).toEqual([]);
  });

  it('does not delete another supplier’s supply point', async () => {
    const identifier = identifierNumber(6);
    await processed(identifier);
    await host.registered.putSupplier({ code: 'OTHER_SUPPLIER', migration: 'open' });
    const token = await host.tokenFor(['OTHER_SUPPLIER'], { role: 'operator' });
    expect(await operator(host, 'OTHER_SUPPLIER').erase(identifier, token)).toMatchObject(erased(0, 0));
    expect(await asOperator.erase(identifier, token)).toMatchObject({ status: 404 });
    expect(await asOperator.created(identifier)).toMatchObject({ status: 200 });
  });

  it('returns 403 to other roles', async () => {
    const identifier = identifierNumber(7);
    await processed(identifier);
    const token = await host.tokenFor(['TEST_SUPPLIER'], { role: 'importer' });
    expect(await asOperator.erase(identifier, token)).toMatchObject({ status: 403 });
    expect(await asOperator.created(identifier)).toMatchObject({ status: 200 });
  });

  it('reads the import again if it was submitted again meanwhile', async () => {
    const identifier = identifierNumber(8);
    await asOperator.createWaiting(identifier);
    await asOperator.cancel(identifier);
    const { imports, supplyPoints } = storesOf(host);
    const erase = eraseImport({
      imports,
      supplyPoints,
      audit: () => asOperator.createWaiting(identifier),
    });
    expect(await erase(keyOf(identifier), Date.now())).toMatchObject({
      kind: 'open',
      record: { status: 'PENDING', attempt: 2 },
    });
  });
});

it('a drop finishes although an import that it waits for was erased', async () => {
  const bucket = dropBucket(host);
  const name = 'TEST_SUPPLIER/erased.ndjson';
  const [first, second] = [identifierNumber(20), identifierNumber(21)];
  const window = { schedule_window_start: new Date(Date.now() + 3_600_000).toISOString() };
  const rows = [
    guideRequest({ identifier: first, taskParameters: window }),
    guideRequest({ identifier: second, taskParameters: window }),
  ];
  await bucket.drop(name, rows.map((row) => JSON.stringify(row)).join('\n'));
  await bucket.summaryOf(name, ['IMPORTING']);
  await asOperator.cancel(first);
  await asOperator.erase(first);
  await asOperator.cancel(second);
  expect((await bucket.summaryOf(name, ['ENDED'], 60_000)).imports).toMatchObject({
    cancelled: 1,
    erased: 1,
    open: 0,
  });
}, 90_000);
