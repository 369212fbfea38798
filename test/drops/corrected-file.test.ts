import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { DropBody, FailedRowsBody } from '../../functions/edge/drops/bodies.ts';
import { errorText } from '../../shared/drops/reporting/error-text.ts';
import { type DropBucket, withDropHost } from '../support/drops.ts';
import { SUPPLY_POINTS, send, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

let host: TestHost;
let bucket: DropBucket;
withDropHost((started) => {
  ({ host, bucket } = started);
});

let numbers = 0;
const nextIdentifier = (): string => {
  numbers += 1;
  return identifierNumber(545_000 + numbers);
};

const PATH = `${SUPPLY_POINTS}/TEST_SUPPLIER/drops/`;
const failedRowsOf = async (drop: string, token = host.token): Promise<FailedRowsBody> =>
  (await send(host, 'GET', `${PATH}${drop}/failed-rows/`, { token })).body as FailedRowsBody;

/** Drops a file, waits for its corrected file, and returns the drop and the file. */
async function correctedFileOf(
  name: string,
  content: string | Buffer,
): Promise<{ drop: string; file: Buffer }> {
  await bucket.drop(`TEST_SUPPLIER/${name}`, content);
  const summary = await bucket.summaryOf(`TEST_SUPPLIER/${name}`);
  expect(summary.state).toBe('ENDED');
  const { results } = (await send(host, 'GET', PATH, { token: host.token })).body as { results: DropBody[] };
  const { drop } = results.find((each) => each.name === name)!;
  let link: FailedRowsBody['downloads']['corrected_file'] = null;
  await expect
    .poll(async () => (link = (await failedRowsOf(drop)).downloads.corrected_file), { timeout: 60_000 })
    .not.toBeNull();
  return { drop, file: Buffer.from(await (await fetch(link!.url)).arrayBuffer()) };
}

const line = (identifier: string): string => JSON.stringify(guideRequest({ identifier }));
const invalid = (identifier: string): string =>
  JSON.stringify({ payload: { ...guideRequest({ identifier }).payload, accounts: 1 } });

describe('the corrected file', () => {
  it.each(['ndjson', 'ndjson.gz', 'json'])(
    'of a drop of .%s has the failed rows as they were sent',
    async (ending) => {
      const [first, second] = [nextIdentifier(), nextIdentifier()];
      const broken = '{"payload": "no object" }';
      const rows = [line(first), broken, line(second), invalid(nextIdentifier()), ` ${line(first)}`];
      const text = ending === 'json' ? `[${rows.join(',\n')}]` : `${rows.join('\n')}\n`;
      const sent = ending.endsWith('.gz') ? gzipSync(text) : text;
      const { file } = await correctedFileOf(`corrected.${ending}`, sent);
      const copy = (ending.endsWith('.gz') ? gunzipSync(file) : file).toString();
      // In an array, a row is what is between the commas.
      const failed = [rows[1]!, rows[3]!, ending === 'json' ? rows[4]!.trim() : rows[4]!];
      expect(copy).toBe(ending === 'json' ? `[\n${failed.join(',\n')}\n]\n` : `${failed.join('\n')}\n`);
    },
  );

  it('of a CSV file has its header and a column of errors, which is ignored when it is dropped again', async () => {
    const [first, second, third] = [nextIdentifier(), nextIdentifier(), nextIdentifier()];
    const columns =
      'import_supplier;supply_point.identifier;supply_point.supply_type;supply_point.substation';
    const text = [
      columns,
      `TEST_SUPPLIER;${first};ELECTRICITY_DISTRIBUTION;1`,
      `TEST_SUPPLIER;${second};NO_SUCH_TYPE;"a ""quoted"" cell"`,
      `TEST_SUPPLIER;${third}`,
      '',
    ].join('\r\n');
    const { file } = await correctedFileOf('corrected.csv', `\ufeff${text}`);
    const copied = file.toString().split('\r\n');
    expect(copied).toEqual([
      expect.stringContaining(`${columns};import_errors`),
      `TEST_SUPPLIER;${second};NO_SUCH_TYPE;"a ""quoted"" cell";"supply_point.supply_type: … is not a valid choice."`.replace(
        '… is',
        '""NO_SUCH_TYPE"" is',
      ),
      `TEST_SUPPLIER;${third};;;"CSV parse error - the record has 2 cells, and the header 4"`,
      '',
    ]);
    // An operator corrects the rows, and leaves the errors in their column.
    const fixed = file
      .toString()
      .replace('NO_SUCH_TYPE;', 'ELECTRICITY_DISTRIBUTION;')
      .replace(`${third};;;`, `${third};ELECTRICITY_DISTRIBUTION;1;`)
      .replace(
        '"a ""quoted"" cell"',
        'NO_NUMBER_AT_ALL_WHICH_IS_MUCH_TOO_LONG_FOR_A_SUBSTATION_AND_FAILS_AGAIN',
      );
    await bucket.drop('TEST_SUPPLIER/fixed.csv', fixed);
    const summary = await bucket.summaryOf('TEST_SUPPLIER/fixed.csv');
    expect(summary.problem).toBeNull();
    expect(summary.rows.read).toBe(2);
    expect(summary.rows.accepted).toBeGreaterThanOrEqual(1);
  });

  it('has the rows whose imports errored, too', async () => {
    await host.registered.putSupplier({ code: 'OTHER_SUPPLIER', migration: 'open' });
    const taken = nextIdentifier();
    const token = await host.tokenFor(['OTHER_SUPPLIER']);
    const json = guideRequest({ identifier: taken, supplier: 'OTHER_SUPPLIER' });
    expect((await send(host, 'POST', `${SUPPLY_POINTS}/`, { token, json })).status).toBe(201);
    await expect.poll(() => host.supplyPointCount([taken]), { timeout: 60_000 }).toBe(1);
    const { file } = await correctedFileOf('errored.ndjson', `${line(nextIdentifier())}\n${line(taken)}`);
    expect(file.toString()).toBe(`${line(taken)}\n`);
  });

  it('is for operators only', async () => {
    const { drop } = await correctedFileOf('operators.ndjson', invalid(nextIdentifier()));
    const importer = await failedRowsOf(drop, await host.tokenFor(['TEST_SUPPLIER'], { role: 'importer' }));
    expect(importer.downloads).toMatchObject({
      failed_rows: { name: 'failed.ndjson' },
      corrected_file: null,
    });
  });
});

it.each([
  [
    { supply_point: { identifier: ['A.', 'B.'] } },
    'supply_point.identifier: A.; supply_point.identifier: B.',
  ],
  [{ accounts: { 0: { customers: { 1: { name: ['C.'] } } } } }, 'accounts.0.customers.1.name: C.'],
  [{ detail: 'JSON parse error', code: 'parse_error' }, 'JSON parse error'],
  [{ non_field_errors: { detail: 'D.', code: 'd' }, supply_point_identifier: '4' }, 'D.'],
  [{ code: 'e', detail: 'E.', domain: 'import_process' }, 'E.'],
  [null, ''],
])('errors %j are "%s" in a cell', (errors, text) => {
  expect(errorText(errors)).toBe(text);
});
