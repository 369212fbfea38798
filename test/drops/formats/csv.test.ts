import { describe, expect, test } from 'vitest';
import { validateCreateRequest } from '../../../shared/contract/request.ts';
import { requestOf } from '../../../shared/drops/formats/row.ts';
import { readStream } from '../../../shared/drops/formats/stream.ts';
import { everyField, suppliers } from '../../contract/requests.ts';
import { all, bodyOf, IGNORING, read, START } from './read-helpers.ts';

const NOW = Date.parse('2025-10-07T09:00:00+11:00');
const ID = 'supply_point.identifier';
const QUOTES = { detail: 'CSV parse error - a quote is not closed, or is within a cell and not doubled' };
const TOO_LONG = { detail: 'Request body exceeds 262144 bytes.', code: 'request_too_large' };

describe('cells', () => {
  const customers = [0, 1, 2].flatMap((index) => [
    `c.${index}.name`,
    `c.${index}.roles.0`,
    `c.${index}.roles.1`,
  ]);
  const header = [ID, ...customers].join(',');

  test.each([
    [
      '1,A,r,s,B,t,,C,,u',
      [
        { name: 'A', roles: ['r', 's'] },
        { name: 'B', roles: ['t'] },
        { name: 'C', roles: ['u'] },
      ],
    ],
    ['1,A,,,,,,C,,', [{ name: 'A' }, { name: 'C' }]],
    ['1,,,,,,,,,', undefined],
  ])('that are empty are omitted: %s', async (record, c) => {
    const payload = { supply_point: { identifier: '1' }, ...(c === undefined ? {} : { c }) };
    expect(await bodyOf(header, record)).toStrictEqual({ payload });
  });

  test('are always strings', async () => {
    const cells = ['007', ' 1 ', 'true', 'null', '"a ""b"",\r\n\né😀"', '-', '[]', '{}', '"\ufeff"', '=1'];
    const names = cells.map((_, index) => `x${index}`);
    const { payload } = (await bodyOf([ID, ...names].join(','), ['1', ...cells].join(','))) as {
      payload: object;
    };
    expect(Object.values(payload).slice(1)).toStrictEqual([
      ...cells.slice(0, 4),
      'a "b",\r\n\né😀',
      ...['-', '[]', '{}', '\ufeff', '=1'],
    ]);
  });

  test('have the same result as the same strings in JSON', async () => {
    const request = { ...everyField(), task_params: { is_dry_run: true } };
    const cells = [...leavesOf(request)];
    const record = cells.map(([, value]) => `"${String(value).replaceAll('"', '""')}"`).join(',');
    const body = await bodyOf(cells.map(([path]) => path).join(','), record);
    const fromCsv = validateCreateRequest(requestOf(body), suppliers, NOW);
    expect(fromCsv).toStrictEqual(validateCreateRequest(request, suppliers, NOW));
    expect(fromCsv).toHaveProperty('valid', true);
    const wrong = validateCreateRequest(
      requestOf(await bodyOf(`${ID},accounts.0.account_type`, '1,x')),
      suppliers,
      NOW,
    );
    expect(wrong).toHaveProperty('errors.accounts.0.account_type', ['"x" is not a valid choice.']);
  });
});

describe('records', () => {
  const expected = (line: number, offset: number, identifier: string, b?: string) => ({
    line,
    offset,
    body: { payload: { supply_point: { identifier }, ...(b === undefined ? {} : { b }) } },
  });
  const at = `${ID},b\n`.length;

  test.each<[string, string, object[]]>([
    ['end at the end of the file', '1,2', [expected(2, at, '1', '2')]],
    [
      'end with CR LF or LF',
      '1,2\r\n3,4\n5,',
      [expected(2, at, '1', '2'), expected(3, at + 5, '3', '4'), expected(4, at + 9, '5')],
    ],
    ['may span lines', '"1","2\r\n\n"\n3,', [expected(2, at, '1', '2\r\n\n'), expected(5, at + 11, '3')]],
    ['are not rows if all cells are empty', '\n,\r\n"",""\n ,\t\n1,\n\n', [expected(6, at + 14, '1')]],
    [
      'are rows with errors if the number of cells differs from the header',
      '1\n2,3,4\n5,6',
      [
        {
          line: 2,
          offset: at,
          errors: { detail: 'CSV parse error - the record has 1 cells, and the header 2' },
        },
        {
          line: 3,
          offset: at + 2,
          errors: { detail: 'CSV parse error - the record has 3 cells, and the header 2' },
        },
        expected(4, at + 8, '5', '6'),
      ],
    ],
    [
      'with a wrong quote do not affect other records',
      'a"b,1\n"a"b,1\n2,"3\n4,5\n6,"7"\n"8',
      [
        { line: 2, offset: at, errors: QUOTES },
        { line: 3, offset: at + 6, errors: QUOTES },
        { line: 4, offset: at + 13, errors: QUOTES },
        expected(5, at + 18, '4', '5'),
        expected(6, at + 22, '6', '7'),
        { line: 7, offset: at + 28, errors: QUOTES },
      ],
    ],
  ])('%s', async (_, records, rows) => {
    for (const size of [1, 3, 1000]) {
      expect(await read('csv', `${ID},b\n${records}`, [size])).toStrictEqual({ rows });
    }
  });

  test('that are not UTF-8 are rows with errors in a UTF-8 file', async () => {
    const file = Buffer.concat([
      Buffer.from(`${ID},b\né,1\n`),
      Buffer.from('ä,2\n', 'latin1'),
      Buffer.from('3,4'),
    ]);
    const { rows } = await read('csv', file);
    const errors = { detail: 'CSV parse error - the record is not UTF-8' };
    expect(rows.slice(1)).toStrictEqual([{ line: 3, offset: at + 5, errors }, expected(4, at + 9, '3', '4')]);
  });

  test('may be as long as a request body', async () => {
    const longest = `1,${'x'.repeat(262_142)}`;
    const quoted = `1,"${'\n'.repeat(262_143)}"`;
    const file = `${ID},b\n${[longest, `${longest}x`, ','.repeat(300_000), '2,', quoted, '3,'].join('\r\n')}`;
    for (const sizes of [[10_000], [2 ** 21]]) {
      const { rows } = await read('csv', file, sizes);
      expect(rows.map((row) => ('errors' in row ? row.errors : row.line))).toStrictEqual([
        2,
        TOO_LONG,
        TOO_LONG,
        5,
        TOO_LONG,
        QUOTES,
        262_150,
      ]);
    }
  });

  test('that exceed the limit without a newline are skipped', async () => {
    const MIB = 1024 * 1024;
    async function* long() {
      yield Buffer.from(`${ID},b\n`);
      for (let index = 0; index < 15; index += 1) yield Buffer.alloc(MIB, '"');
      yield Buffer.from('\n1,2');
    }
    const { rows } = await all(readStream({ format: 'csv', gzip: false }, long(), START, IGNORING));
    expect(rows).toStrictEqual([
      { line: 2, offset: at, errors: TOO_LONG },
      expected(3, at + 15 * MIB + 1, '1', '2'),
    ]);
  });
});

/** Yields each non-empty value with its path. */
function* leavesOf(value: unknown, path = ''): Generator<[string, unknown]> {
  if (typeof value !== 'object' || value === null) {
    if (value !== '') yield [path, value];
    return;
  }
  for (const [name, inner] of Object.entries(value))
    yield* leavesOf(inner, path === '' ? name : `${path}.${name}`);
}
