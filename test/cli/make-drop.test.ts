import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCommand, UsageError } from '../../cli/command.ts';
import { devMakeDrop, dropOptions } from '../../cli/make-drop/command.ts';
import { makeDrop } from '../../cli/make-drop/make-drop.ts';
import { validateCreateRequest } from '../../shared/contract/request.ts';
import { kindOf } from '../../shared/drops/formats/drop-kind.ts';
import { type DropRow, requestOf } from '../../shared/drops/formats/row.ts';
import { readStream } from '../../shared/drops/formats/stream.ts';
import { errorKinds } from '../../shared/drops/reporting/error-kinds.ts';
import { guideExample } from '../contract/requests.ts';
import { all, START } from '../drops/formats/read-helpers.ts';
import { builtCli } from '../support/cli.ts';

const ENDINGS = ['ndjson', 'jsonl', 'json', 'csv', 'ndjson.gz', 'json.gz', 'csv.gz'];
const suppliers = new Map([['SOME_SUPPLIER', 'open' as const]]);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'make-drop-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const options = (name: string, ...args: string[]) =>
  read(['--supplier', 'SOME_SUPPLIER', '--out', join(folder, name), ...args]);
const read = (args: string[]) => dropOptions(parseCommand(devMakeDrop, args).values);

const rowsOf = async (path: string): Promise<DropRow[]> => {
  const { rows, unreadable } = await all(readStream(kindOf(path)!, createReadStream(path), START));
  expect(unreadable).toBeUndefined();
  return rows;
};

/** The result of validating a row: its data or its errors. */
function answerTo(row: DropRow) {
  if ('errors' in row) return { valid: false as const, errors: row.errors };
  return validateCreateRequest(requestOf(row.body), suppliers, Date.now());
}

describe.each(ENDINGS)('a file of .%s', (ending) => {
  test('has exactly the announced invalid rows, of many kinds', async () => {
    const made = options(`some.${ending}`, '--rows', '2000', '--invalid', '12.34%');
    const { rows: total, valid, invalid, invalidLines } = await makeDrop(made);
    expect([total, valid, invalid]).toStrictEqual([2000, 1753, 247]);
    expect(JSON.parse(readFileSync(`${made.out}.expected.json`, 'utf8'))).toStrictEqual({
      rows: total,
      valid,
      invalid,
      invalidLines,
    });

    const rows = await rowsOf(made.out);
    expect(rows).toHaveLength(2000);
    const refused = rows.flatMap((row) => {
      const answer = answerTo(row);
      return answer.valid ? [] : [{ line: row.line, errors: answer.errors }];
    });
    expect(refused.map(({ line }) => line)).toStrictEqual(invalidLines);
    const kinds = new Set(refused.flatMap(({ errors }) => errorKinds(errors).map(({ error }) => error)));
    expect(kinds.size).toBeGreaterThan(15);
  });
});

test('files of every format contain the same rows', async () => {
  const data = [];
  for (const ending of ['ndjson', 'json', 'csv']) {
    const { out } = options(`same.${ending}`, '--rows', '500', '--seed', '5');
    await makeDrop(options(`same.${ending}`, '--rows', '500', '--seed', '5'));
    const rows = await rowsOf(out);
    data.push(rows.map((row) => withoutBlanks(answerTo(row))));
  }
  expect(data[1]).toStrictEqual(data[0]);
  expect(data[2]).toStrictEqual(data[0]);
  expect(JSON.stringify(data[0]![0])).toContain('"valid":true');
});

test('a file’s content depends on the seed and not on its name', async () => {
  const text = async (name: string, ...args: string[]) => {
    const made = options(name, '--rows', '50', '--invalid', '0.5', ...args);
    await makeDrop(made);
    const bytes = readFileSync(made.out);
    return String(name.endsWith('.gz') ? gunzipSync(bytes) : bytes);
  };
  const first = await text('one.ndjson', '--seed', '1');
  expect(await text('other.jsonl.gz', '--seed', '1')).toBe(first);
  expect(await text('other.ndjson', '--seed', '2')).not.toBe(first);
});

test('identifiers are consecutive, and rows are about as long as the guide’s example', async () => {
  const made = options('rows.ndjson', '--rows', '1000', '--first', '6123456789');
  await makeDrop(made);
  const rows = await rowsOf(made.out);
  const identifiers = rows.map(
    (row) =>
      'body' in row &&
      (row.body as { payload: { supply_point: { identifier: string } } }).payload.supply_point.identifier,
  );
  expect(identifiers).toStrictEqual(rows.map((_, index) => String(6123456789 + index)));
  const average = readFileSync(made.out).length / rows.length;
  const guide = JSON.stringify(guideExample()).length;
  expect(average / guide).toBeGreaterThan(0.85);
  expect(average / guide).toBeLessThan(1.15);
});

test.each([0, 1])('%i rows make a valid file', async (count) => {
  for (const ending of ['ndjson', 'json', 'csv']) {
    const made = options(`few.${ending}`, '--rows', String(count), '--invalid', '100%');
    expect(await makeDrop(made)).toMatchObject({ rows: count, valid: 0, invalid: count });
    expect(await rowsOf(made.out)).toHaveLength(count);
  }
});

describe('options', () => {
  test.each([
    [['--rows', 'many', '--out', 'a.csv'], '--rows must be a whole number from 0 to 1000000000, not "many".'],
    [['--rows', '-1', '--out', 'a.csv'], /--rows/],
    [['--rows', '1.5', '--out', 'a.csv'], /--rows must be a whole number/],
    [['--invalid', '101%', '--out', 'a.csv'], '--invalid must be a share such as 2% or 0.02, not "101%".'],
    [['--invalid', '2', '--out', 'a.csv'], /--invalid must be a share/],
    [['--seed', '4294967296', '--out', 'a.csv'], /--seed must be a whole number/],
    [['--first', '1', '--out', 'a.csv'], /--first must be a whole number/],
    [['--first', '9999999999', '--rows', '2', '--out', 'a.csv'], /fewer than 2 identifiers/],
    [['--out', 'a.txt'], /^--out must name a file/],
    [['--out', 'constructor'], /^--out must name a file/],
    [[], /^--out must name a file/],
    [['--many', '1', '--out', 'a.csv'], /--many/],
    [['a.csv'], /a\.csv/],
  ])('%j are invalid', (args, message) => {
    expect(() => read(args)).toThrow(UsageError);
    expect(() => read(args)).toThrow(message);
  });

  test('are read by the command line, which names a file that cannot be written', async () => {
    const cli = await builtCli();
    const run = (...args: string[]) => cli.run(['dev', 'make-drop', ...args]);
    const made = await run('--out', 'a.csv', '--rows', '3', '--invalid', '0.34');
    expect(made).toMatchObject({ exitCode: 0, lines: [{ rows: 3, valid: 2, invalid: 1 }] });
    expect(readFileSync(join(cli.folder, 'a.csv'), 'utf8')).toContain('TEST_SUPPLIER');
    expect(await run('--out', 'no/such/folder/a.csv')).toMatchObject({
      exitCode: 1,
      lines: [{ error: expect.stringMatching(/cannot be written: ENOENT/) }],
    });
    cli.remove();
  });
});

/** CSV does not distinguish empty strings from missing values. */
function withoutBlanks(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, inner) => (inner === '' ? undefined : inner)));
}
