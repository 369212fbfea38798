import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type DropBucket, withDropHost } from '../support/drops.ts';
import { statusOf, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

let host: TestHost;
let bucket: DropBucket;
withDropHost((started) => {
  ({ host, bucket } = started);
});

let numbers = 0;
const nextIdentifier = (): string => {
  numbers += 1;
  return identifierNumber(500_000 + numbers);
};
const line = (identifier: string): string => JSON.stringify(guideRequest({ identifier }));

describe('a drop of NDJSON lines', () => {
  it('imports valid rows and reports invalid ones with line, offset, identifier and the endpoint’s errors', async () => {
    const [first, second, third] = [nextIdentifier(), nextIdentifier(), nextIdentifier()];
    const broken = '{"payload": ';
    const bare = JSON.stringify(guideRequest({ identifier: second }).payload);
    const invalid = JSON.stringify({
      payload: { ...guideRequest({ identifier: third }).payload, accounts: 1 },
    });
    const text = `${line(first)}\n\n${broken}\r\n${bare}\n${invalid}\n${line(first)}`;
    await bucket.drop('TEST_SUPPLIER/some folder/März (1)+.ndjson', text);

    const summary = await bucket.summaryOf('TEST_SUPPLIER/some folder/März (1)+.ndjson');
    expect(summary).toMatchObject({
      state: 'ENDED',
      problem: null,
      rows: { read: 5, accepted: 2, already_imported: 0, in_progress: 0, duplicate: 1, invalid: 2 },
      imports: { processed: 2, errored: 0, dry_run_succeeded: 0, dry_run_errored: 0, cancelled: 0, open: 0 },
    });
    const failed = await bucket.failedOf('TEST_SUPPLIER/some folder/März (1)+.ndjson');
    const offsetOf = (part: string, from = 0) => Buffer.byteLength(text.slice(0, text.indexOf(part, from)));
    expect(failed).toEqual([
      {
        line: 3,
        offset: offsetOf(broken),
        outcome: 'invalid',
        errors: { detail: expect.stringMatching(/^JSON parse error - /), code: 'parse_error' },
      },
      {
        line: 5,
        offset: offsetOf(invalid),
        identifier: third,
        outcome: 'invalid',
        errors: { accounts: { non_field_errors: ['Expected a list of items but got type "int".'] } },
      },
      {
        line: 6,
        offset: offsetOf(line(first), 10),
        identifier: first,
        outcome: 'duplicate',
        errors: {
          non_field_errors: { code: 'duplicate_in_drop', detail: expect.stringContaining(first) },
          supply_point_identifier: first,
        },
      },
    ]);
    for (const identifier of [first, second]) {
      expect(await statusOf(host, identifier, ['PROCESSED'])).toMatchObject({ latest_error: null });
    }
  });
});

describe.each(['ndjson', 'jsonl', 'json', 'csv'])('a drop of .%s', (ending) => {
  it.each(['', '.gz'])('is read%s', async (gz) => {
    const identifiers = Array.from({ length: 30 }, nextIdentifier);
    const body = Buffer.from(FILES[ending]!(identifiers));
    const name = `TEST_SUPPLIER/kinds/file.${ending}${gz}`;
    await bucket.drop(name, gz === '' ? body : gzipSync(body));
    expect(await bucket.summaryOf(name)).toMatchObject({
      state: 'ENDED',
      rows: { read: 30, accepted: 30 },
      imports: { processed: 30 },
    });
  });
});

const FILES: Readonly<Record<string, (identifiers: readonly string[]) => string>> = {
  ndjson: (identifiers) => identifiers.map(line).join('\n'),
  jsonl: (identifiers) => identifiers.map(line).join('\n'),
  json: (identifiers) =>
    JSON.stringify(
      identifiers.map((identifier) => guideRequest({ identifier })),
      null,
      1,
    ),
  csv: (identifiers) => csv(identifiers.map((identifier) => guideRequest({ identifier }).payload)),
};

function csv(payloads: readonly object[]): string {
  const flat = (value: unknown, path: string): [string, string][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, item]) => flat(item, path === '' ? key : `${path}.${key}`))
      : [[path, value === null ? '' : String(value)]];
  const rows = payloads.map((payload) => new Map(flat(payload, '')));
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return [columns, ...rows.map((row) => columns.map((column) => row.get(column) ?? ''))]
    .map((cells) => cells.map(cell).join(','))
    .join('\r\n');
}
