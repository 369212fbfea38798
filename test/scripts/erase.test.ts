import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEndpoints } from '../../infra/local/state-folder.ts';
import { erase, readOptions } from '../../scripts/erase.ts';
import { operator } from '../operator/imports.ts';
import { dropBucket } from '../support/drops.ts';
import { startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

const state = mkdtempSync(join(tmpdir(), 'supply-point-import-erase-'));
let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
  writeEndpoints(state, { ...host.endpoints, token: host.token, viewerToken: host.viewerToken });
  for (const code of ['GOES', 'STAYS', 'BUSY'])
    await host.registered.putSupplier({ code, migration: 'open' });
});
afterAll(async () => {
  await host.stop();
  rmSync(state, { recursive: true, force: true });
});

const run = (...args: string[]) => erase(readOptions([...args, '--state', state], {}));

/** Drops a file of two rows, and creates another, waiting import of the supplier. */
async function supplierWithData(supplier: string, first: number): Promise<void> {
  const bucket = dropBucket(host);
  const name = `${supplier}/mickey-mouse.ndjson`;
  const rows = [first, first + 1].map((number) =>
    JSON.stringify(guideRequest({ supplier, identifier: identifierNumber(number) })),
  );
  await bucket.drop(name, `${rows.join('\n')}\n{}\n`);
  await bucket.summaryOf(name, ['ENDED']);
  await operator(host, supplier).createWaiting(identifierNumber(first + 2));
  bucket.client.destroy();
}

/** Returns a supplier's items and objects, without its entry in the registry and the audit records. */
async function dataOf(supplier: string): Promise<string[]> {
  const left: string[] = [];
  for (const table of ['import-processes', 'supply-points', 'drop-records']) {
    const scan = new ScanCommand({ TableName: host.endpoints.tables[table]!, ConsistentRead: true });
    const { Items = [] } = await host.dynamodb.send(scan);
    left.push(...Items.map((item) => JSON.stringify(item)).filter((item) => item.includes(supplier)));
  }
  const { client, Bucket } = dropBucket(host);
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  client.destroy();
  return [...left, ...Contents.map(({ Key }) => Key!).filter((key) => key.includes(`/${supplier}/`))];
}

describe('npm run erase', () => {
  it('deletes all data of a supplier after the confirmation, and no data of another supplier', async () => {
    await supplierWithData('STAYS', 10);
    await supplierWithData('GOES', 20);
    const stays = await dataOf('STAYS');
    expect(await run('--supplier', 'GOES')).toMatch(
      /^GOES has 3 imports, and \d objects of 1 drops. Nothing was deleted/,
    );
    expect((await dataOf('GOES')).length).toBeGreaterThan(5);
    expect(await run('--supplier', 'GOES', '--yes')).toMatch(
      /^Deleted 3 imports, 2 supply points, and \d objects/,
    );
    expect(await dataOf('GOES')).toEqual([]);
    expect(await dataOf('STAYS')).toEqual(stays);
    expect(await run('--supplier', 'GOES', '--yes')).toBe(
      'Deleted 0 imports, 0 supply points, and 0 objects of 0 drops.',
    );
    const audit = (await host.registered.erasures()).filter((one) => one.import_supplier === 'GOES');
    expect(audit).toHaveLength(3);
  });

  it('deletes one import', async () => {
    const identifier = identifierNumber(30);
    const asOperator = operator(host);
    await asOperator.create(identifier);
    await asOperator.statusOf(identifier, ['PROCESSED']);
    const one = ['--supplier', 'TEST_SUPPLIER', '--identifier', identifier];
    expect(await run(...one)).toBe(
      `There is an import ${identifier} of TEST_SUPPLIER. Nothing was deleted: --yes deletes it.`,
    );
    expect(await run(...one, '--yes')).toBe('Deleted 1 imports and 1 supply points.');
    expect(await asOperator.request('GET', `${identifier}/`)).toMatchObject({ status: 404 });
  });

  it('deletes nothing while one of the supplier’s files is being imported', async () => {
    const bucket = dropBucket(host);
    const schedule_window_start = new Date(Date.now() + 3_600_000).toISOString();
    const taskParameters = { schedule_window_start };
    const row = guideRequest({ supplier: 'BUSY', identifier: identifierNumber(40), taskParameters });
    await bucket.drop('BUSY/waiting.ndjson', JSON.stringify(row));
    await bucket.summaryOf('BUSY/waiting.ndjson', ['IMPORTING']);
    const before = await dataOf('BUSY');
    await expect(run('--supplier', 'BUSY', '--yes')).rejects.toThrow('1 drops of BUSY are being imported');
    expect(await dataOf('BUSY')).toEqual(before);
    bucket.client.destroy();
  });

  it('refuses a token that is no operator’s', async () => {
    await expect(
      run('--supplier', 'TEST_SUPPLIER', '--identifier', 'X', '--yes', '--token', host.viewerToken),
    ).rejects.toThrow('operator');
  });

  it.each([
    [[], '--supplier must name'],
    [['--supplier', 'A', '--url', 'http://127.0.0.1:9'], '--url needs the key of a token'],
    [['--supplier', 'A', '--url', 'http://127.0.0.1:9', '--token', 'x'], 'needs --bucket and --drops-table'],
    [['--supplier', 'A', '--bucket', 'b'], 'need --url'],
  ])('rejects the arguments %j with the reason', (args, message) => {
    expect(() => readOptions(args, {})).toThrow(message);
  });
});
