import { describe, expect, test } from 'vitest';
import { bodyOf, read } from './reading.ts';

const ID = 'supply_point.identifier';

describe('columns', () => {
  test.each<[string, string, object]>([
    ['of the payload', `${ID},import_supplier`, { supply_point: { identifier: '1' }, import_supplier: '2' }],
    ['under payload', `payload.${ID},payload.b`, { supply_point: { identifier: '1' }, b: '2' }],
    ['with spaces around their names', ` ${ID} , b`, { supply_point: { identifier: '1' }, b: '2' }],
    ['in quotes', `"${ID}","a ""b"", c"`, { supply_point: { identifier: '1' }, 'a "b", c': '2' }],
    ['with names that objects have', `${ID},toString`, { supply_point: { identifier: '1' }, toString: '2' }],
  ])('may be %s', async (_, header, payload) => {
    expect(await bodyOf(header, '1,2')).toStrictEqual({ payload });
  });

  test('may be the request’s beside the payload’s', async () => {
    const expected = { payload: { supply_point: { identifier: '1' } }, task_params: { is_dry_run: 'true' } };
    expect(await bodyOf(`${ID},task_params.is_dry_run`, '1,true')).toStrictEqual(expected);
    expect(await bodyOf(`task_params.is_dry_run,payload.${ID}`, 'true,1')).toStrictEqual(expected);
    expect(await bodyOf(`task_params.is_dry_run,payload.${ID}`, 'true,')).toStrictEqual({
      ...expected,
      payload: {},
    });
  });

  test.each([
    ['', 'The file has no header.'],
    ['\n , \n', 'The file has no header.'],
    [
      'TEST_SUPPLIER,4001248530',
      'The first line is no header, or its columns do not include supply_point.identifier.',
    ],
    ['a,b', 'The first line is no header, or its columns do not include supply_point.identifier.'],
    [`${ID},`, 'Column 2 of the header has no name.'],
    [`${ID},a..b`, 'The column a..b has an empty step in its name.'],
    [`${ID},a,a`, 'The column a is there twice.'],
    [`${ID},payload.b`, 'The column supply_point.identifier is not under payload, as others are.'],
    [`${ID},a,a.b`, 'The column a.b and another one cannot both be: one is part of the other.'],
    [`${ID},a.b.c,a.b`, 'The column a.b and another one cannot both be: one is part of the other.'],
    [`${ID},a.0,a.b`, 'The columns of payload.a have both indexes of a list and names of fields.'],
    [`${ID},a.b,a.0`, 'The columns of payload.a have both indexes of a list and names of fields.'],
    [`${ID},a.0,a.2`, 'The list payload.a has no columns of its element 1.'],
    [`${ID},a.00`, 'The list payload.a has no columns of its element 0.'],
    [
      `${ID},${Array.from({ length: 1001 }, (_, i) => `a.${i}`)}`,
      'The list payload.a has more than 1000 elements.',
    ],
    [`${ID},__proto__.a`, 'No field may be named __proto__, as in __proto__.a.'],
    [`${ID},a.constructor`, 'No field may be named constructor, as in a.constructor.'],
    [`${ID},prototype`, 'No field may be named prototype, as in prototype.'],
    [`${ID},${'a.'.repeat(20)}a`, `The column ${'a.'.repeat(20)}a has more than 20 steps.`],
    [
      `${ID},"a`,
      'The header in line 1 is wrong: a quote is not closed, or is within a cell and not doubled.',
    ],
    [`${ID},${'a'.repeat(262_144)}`, 'The header in line 1 is too long.'],
    [Buffer.from([0xff, 0xfe, 0x61, 0x00]), 'The header is not UTF-8.'],
  ])('that are wrong are refused: %#', async (header, unreadable) => {
    expect(await read('csv', header)).toStrictEqual({ rows: [], unreadable });
  });
});
