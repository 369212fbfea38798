import { describe, expect, test } from 'vitest';
import { fieldPaths } from '../../../shared/contract/ignored-fields.ts';
import { readStream } from '../../../shared/drops/formats/stream.ts';
import { all, bodyOf, inChunks, read, START } from './read-helpers.ts';

const ID = 'supply_point.identifier';

describe('columns', () => {
  test.each<[string, string, object]>([
    ['of the payload', `${ID},import_supplier`, { supply_point: { identifier: '1' }, import_supplier: '2' }],
    ['that begin with payload.', `payload.${ID},payload.b`, { supply_point: { identifier: '1' }, b: '2' }],
    ['with spaces around their names', ` ${ID} , b`, { supply_point: { identifier: '1' }, b: '2' }],
    ['in quotes', `"${ID}","a ""b"", c"`, { supply_point: { identifier: '1' }, 'a "b", c': '2' }],
    [
      'that begin with payload., with spaces around',
      ` payload.${ID} ,payload.b`,
      { supply_point: { identifier: '1' }, b: '2' },
    ],
    [
      'of a name that begins with a digit',
      `${ID},a.1st`,
      { supply_point: { identifier: '1' }, a: { '1st': '2' } },
    ],
    ['of a name that ends with a digit', `${ID},a.x1`, { supply_point: { identifier: '1' }, a: { x1: '2' } }],
    ['of an element of a list', `${ID},a.0.b`, { supply_point: { identifier: '1' }, a: [{ b: '2' }] }],
    [
      'the errors of a corrected file, if last',
      `${ID}, import_errors `,
      { supply_point: { identifier: '1' } },
    ],
    ['with names of object methods', `${ID},toString`, { supply_point: { identifier: '1' }, toString: '2' }],
  ])('may be %s', async (_, header, payload) => {
    expect(await bodyOf(header, '1,2')).toStrictEqual({ payload });
  });

  test('may include request fields and payload fields', async () => {
    const expected = { payload: { supply_point: { identifier: '1' } }, task_params: { is_dry_run: 'true' } };
    expect(await bodyOf(`${ID},task_params.is_dry_run`, '1,true')).toStrictEqual(expected);
    expect(await bodyOf(`task_params.is_dry_run,payload.${ID}`, 'true,1')).toStrictEqual(expected);
    expect(await bodyOf(`task_params.is_dry_run,payload.${ID}`, 'true,')).toStrictEqual({
      ...expected,
      payload: {},
    });
  });

  test.each([
    ['2,', { a: ['2'] }],
    [',3', { a: ['3'] }],
    ['2,3', { a: ['2', '3'] }],
    [',', {}],
  ])('of a list leave out its empty elements: %j', async (cells, list) => {
    expect(await bodyOf(`${ID},a.0,a.1`, `1,${cells}`)).toStrictEqual({
      payload: { supply_point: { identifier: '1' }, ...list },
    });
  });

  test('may have 20 steps, and a list 1000 elements', async () => {
    const deep = await bodyOf(`${ID},${'a.'.repeat(19)}a`, '1,2');
    expect(JSON.stringify(deep).match(/"a":/g)).toHaveLength(20);
    const indexes = Array.from({ length: 1000 }, (_, index) => index);
    expect(await bodyOf(`${ID},${indexes.map((index) => `a.${index}`)}`, `1,${indexes}`)).toStrictEqual({
      payload: { supply_point: { identifier: '1' }, a: indexes.map(String) },
    });
  });

  test.each([
    ['', 'The file has no header.'],
    ['\n , \n', 'The file has no header.'],
    [
      'TEST_SUPPLIER,4001248530',
      'The first line is not a header, or its columns do not include supply_point.identifier.',
    ],
    ['a,b', 'The first line is not a header, or its columns do not include supply_point.identifier.'],
    [`${ID},`, 'Column 2 of the header has no name.'],
    [`${ID},a..b`, 'Column 2 of the header has an empty step in its name.'],
    [`${ID},a,a`, 'The column a is there twice.'],
    [`${ID},payload.b`, 'The column supply_point.identifier is not under payload, as others are.'],
    [`${ID},a,a.b`, 'The column a.b and another one cannot both be: one is part of the other.'],
    [`${ID},a.b.c,a.b`, 'The column a.b and another one cannot both be: one is part of the other.'],
    [`${ID},a.0,a.b`, 'The columns of payload.a have both indexes of a list and names of fields.'],
    [`${ID},a.b,a.0`, 'The columns of payload.a have both indexes of a list and names of fields.'],
    [`${ID},a.b,a.10`, 'The columns of payload.a have both indexes of a list and names of fields.'],
    [`${ID},a.0,a.x1`, 'The columns of payload.a have both indexes of a list and names of fields.'],
    [`${ID},a.0,a.1st`, 'The columns of payload.a have both indexes of a list and names of fields.'],
    [`${ID},a.0.b.0,a.0.b.2`, 'The list payload.a.0.b has no columns of its element 1.'],
    [`${ID},"a b.0","a b.2"`, 'The list a field with an odd name has no columns of its element 1.'],
    [`${ID},import_errors,import_errors,import_errors`, 'The column import_errors is there twice.'],
    [`${ID},a.0,a.2`, 'The list payload.a has no columns of its element 1.'],
    [`${ID},a.00`, 'The list payload.a has no columns of its element 0.'],
    [
      `${ID},${Array.from({ length: 1001 }, (_, i) => `a.${i}`)}`,
      'The list payload.a has more than 1000 elements.',
    ],
    [`${ID},__proto__.a`, 'The column __proto__.a is named __proto__ in part, as no field may be.'],
    [`${ID},a.constructor`, 'The column a.constructor is named constructor in part, as no field may be.'],
    [`${ID},prototype`, 'The column prototype is named prototype in part, as no field may be.'],
    [`${ID},${'a.'.repeat(20)}a`, `The column ${'a.'.repeat(20)}a has more than 20 steps in its name.`],
    [
      `${ID},"a`,
      'The header in line 1 is wrong: a quote is not closed, or is within a cell and not doubled.',
    ],
    [`${ID},${'a'.repeat(262_144)}`, 'The header in line 1 is too long.'],
    [`${ID},Mickey Mouse,Mickey Mouse`, 'Column 3 of the header is there twice.'],
  ])('that are invalid are refused: %#', async (header, unreadable) => {
    expect(await read('csv', header)).toStrictEqual({ rows: [], unreadable });
  });
});

describe('unknown columns', () => {
  const problemOf = async (header: string): Promise<string | undefined> => {
    const file = Buffer.from(`${header}\n1,2,3`);
    const { rows, unreadable } = await all(
      readStream({ format: 'csv', gzip: false }, inChunks(file, [file.length]), START),
    );
    expect(rows).toStrictEqual([]);
    return unreadable;
  };

  test.each([
    ['is_dry_run', 'is_dry_run (task_params.is_dry_run?)'],
    ['task_params.dry_run', 'task_params.dry_run (task_params.is_dry_run?)'],
    [
      'accounts.0.customers.1.familyname',
      'accounts.0.customers.1.familyname (accounts.0.customers.1.family_name?)',
    ],
    [
      'accounts.0.customers.12.familyname',
      'accounts.0.customers.12.familyname (accounts.0.customers.12.family_name?)',
    ],
    [
      'accounts.0.outage_contact.phone_1.numbr',
      'accounts.0.outage_contact.phone_1.numbr (accounts.0.outage_contact.phone_1.number?)',
    ],
    ['z'.repeat(100), 'z'.repeat(100)],
    ['z'.repeat(101), 'column 2'],
    ['accounts.0.customers.1.surname', 'accounts.0.customers.1.surname'],
    [
      'accounts.0.customer.0.family_nam',
      'accounts.0.customer.0.family_nam (accounts.0.customers.0.family_name or accounts.0.outage_contact.family_name?)',
    ],
    ['Mickey Mouse', 'column 2'],
    ['zzzzzz', 'zzzzzz'],
    ['zzzzzz,Mickey Mouse', 'zzzzzz, column 3'],
  ])('are refused with their quotable names and the nearest fields: %s', async (columns, named) => {
    expect(await problemOf(`${ID},${columns}`)).toBe(
      `No field is named by these columns: ${named}. Nothing was imported. To have them ignored, begin the file with the line # ignore-unknown-columns`,
    );
  });

  test('have their own code in the report', async () => {
    const file = Buffer.from(`${ID},zzzzzz\n1,2`);
    const batches = readStream({ format: 'csv', gzip: false }, inChunks(file, [file.length]), START);
    await expect(batches.next()).rejects.toMatchObject({ code: 'unknown_columns' });
  });

  test('are listed up to ten per message', async () => {
    const columns = Array.from({ length: 13 }, (_, index) => `zzzzzz${index}`);
    expect(await problemOf(`${ID},${columns}`)).toContain('zzzzzz9, 3 more.');
  });

  test.each(['# ignore-unknown-columns\n', '"# ignore-unknown-columns";;\r\n', '#ignore-unknown-columns,\r'])(
    'are accepted if the first line is %j',
    async (first) => {
      const end = first.endsWith('\r') ? '\r' : '\n';
      const file = Buffer.from(`${first}${ID};is_dry_run${end}1;2`);
      const { rows } = await all(readStream({ format: 'csv', gzip: false }, inChunks(file, [7]), START));
      expect(rows).toMatchObject([{ line: 3, body: { payload: { supply_point: { identifier: '1' } } } }]);
    },
  );

  test('do not include any field of the contract', async () => {
    const columns = fieldPaths().map((path) => path.replaceAll('*', '0'));
    const file = Buffer.from(`${columns}\n${columns.map(() => 'x')}`);
    const { rows } = await all(readStream({ format: 'csv', gzip: false }, inChunks(file, [99]), START));
    expect(rows).toHaveLength(1);
    expect(columns).toContain('payload.accounts.0.outage_contact.phone_1.number');
  });
});
