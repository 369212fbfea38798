import { describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  ADDRESS,
  CONTACT,
  CUSTOMER,
  type Path,
  resultAt,
  STREET,
  SUPPLY_POINT,
} from './requests.ts';

type Row = [sent: unknown, data: unknown];

function accepts(path: Path, rows: Row[]) {
  for (const [sent, data] of rows) {
    test(`${path.at(-1)} normalises ${name(sent)} to ${name(data)}`, () => {
      expect(resultAt(path, sent)).toStrictEqual({ data });
    });
  }
}

function rejects(path: Path, rows: [sent: unknown, errors: unknown][]) {
  for (const [sent, errors] of rows) {
    test(`${path.at(-1)} rejects ${name(sent)}`, () => {
      expect(resultAt(path, sent)).toStrictEqual({ errors: typeof errors === 'string' ? [errors] : errors });
    });
  }
}

const name = (value: unknown) => {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

describe('text', () => {
  accepts(
    [...SUPPLY_POINT, 'substation'],
    [
      [1.5, '1.5'],
      [-7, '-7'],
      [0.00001, '1e-05'],
      [1.25e-10, '1.25e-10'],
      ['\x1c\x1f\x85\u2028 a b \u3000\t', 'a b'],
      ['\ufeffa\u200b', '\ufeffa\u200b'],
      ['\x85', ''],
      ['😀'.repeat(128), '😀'.repeat(128)],
      ['__proto__', '__proto__'],
    ],
  );
  rejects(
    [...SUPPLY_POINT, 'substation'],
    [
      [true, 'Not a valid string.'],
      [['a'], 'Not a valid string.'],
      [{ toString: 'a' }, 'Not a valid string.'],
      ['😀'.repeat(129), 'Ensure this field has no more than 128 characters.'],
      ['\0\udc00', ['Null characters are not allowed.', 'Surrogate characters are not allowed: U+DC00.']],
      ['\ude00\ud83d', 'Surrogate characters are not allowed: U+DE00.'],
    ],
  );
  test('white space inside a long text is trimmed in linear time', () => {
    const text = `a${' '.repeat(250_000)}b`;
    const start = performance.now();
    resultAt([...STREET, 'location_descriptor'], text);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('an integer', () => {
  accepts(
    [...STREET, 'house_number_1'],
    [
      [-0, 0],
      ['-0', 0],
      ['+11', 11],
      ['\u00a011.00 \n', 11],
      ['11 .0', 11],
      ['1_000', 1000],
      ['011', 11],
      ['１１', 11],
      ['٤٢', 42],
      ['0'.repeat(1000), 0],
      ['9007199254740991', 2 ** 53 - 1],
      ['9007199254740993', JSON.rawJSON('9007199254740993')],
      [' +0_9007199254740993.0', JSON.rawJSON('9007199254740993')],
      ['9'.repeat(1000), JSON.rawJSON('9'.repeat(1000))],
      [JSON.rawJSON('9007199254740993'), JSON.rawJSON('9007199254740993')],
      [JSON.rawJSON('-0.0'), 0],
    ],
  );
  rejects(
    [...STREET, 'house_number_1'],
    [
      ['1__0', 'A valid integer is required.'],
      ['1.0.0', 'A valid integer is required.'],
      ['.0', 'A valid integer is required.'],
      ['1e3', 'A valid integer is required.'],
      ['0x1', 'A valid integer is required.'],
      ['９'.repeat(1001), 'String value too large.'],
      [true, 'A valid integer is required.'],
      [['1'], 'A valid integer is required.'],
      [1e300, 'A valid integer is required.'],
      ['-1', 'Ensure this value is greater than or equal to 0.'],
      ['-9007199254740993', 'Ensure this value is greater than or equal to 0.'],
      [JSON.rawJSON('1e16'), 'A valid integer is required.'],
      [JSON.rawJSON('1e400'), 'A valid integer is required.'],
    ],
  );
});

describe('a boolean', () => {
  accepts(
    [...SUPPLY_POINT, 'critical_load'],
    [...['t', 'Y', 'yes', 'True', 'ON', '1', 1].map((sent): Row => [sent, true])],
  );
  accepts(
    [...SUPPLY_POINT, 'critical_load'],
    [...['f', 'N', 'No', 'FALSE', 'off', '0', 0].map((sent): Row => [sent, false])],
  );
  rejects(
    [...SUPPLY_POINT, 'critical_load'],
    [
      ...['', ' true', 'tRuE', 'yES', 'oN', 'fALSE', 'null', 2, [], [true], {}].map(
        (sent): Row => [sent, 'Must be a valid boolean.'],
      ),
    ],
  );
});

describe('a date', () => {
  const path = [...ACCOUNT, 'customer_at_supply_address_from_date'];
  accepts(path, [
    ['2024-02-29', '2024-02-29'],
    ['2000-2-9', '2000-02-09'],
    ['20240105', '2024-01-05'],
    ['2024-01-05\n', '2024-01-05'],
    ['２０２４-０１-０５', '2024-01-05'],
    ['0001-01-01', '0001-01-01'],
    ['9999-12-31', '9999-12-31'],
  ]);
  const invalid = 'Date has wrong format. Use one of these formats instead: YYYY-MM-DD.';
  rejects(
    path,
    ['1900-02-29', '2024-00-10', '2024-01-00', '2024-04-31', ' 2024-01-05', '24-01-05', '10000-01-01', 0].map(
      (sent) => [sent, invalid],
    ),
  );
});

describe('a choice', () => {
  rejects(
    [...ADDRESS, 'administrative_area'],
    [
      ['NSW ', '"NSW " is not a valid choice.'],
      [false, '"False" is not a valid choice.'],
      [0.00005, '"5e-05" is not a valid choice.'],
      [[], '"[]" is not a valid choice.'],
      [{}, '"{}" is not a valid choice.'],
      [{ a: [1] }, `"{'a': [1]}" is not a valid choice.`],
      ['constructor', '"constructor" is not a valid choice.'],
      ['__proto__', '"__proto__" is not a valid choice.'],
    ],
  );
  rejects(
    [...CUSTOMER, 'account_roles'],
    [
      [
        ['ADMIN', null, 'x', 'OUTAGE_CONTACT'],
        { 1: ['This field may not be null.'], 2: ['"x" is not a valid choice.'] },
      ],
      [{}, 'Expected a list of items but got type "dict".'],
      [[], 'This list may not be empty.'],
    ],
  );
});

describe('a list of objects', () => {
  const path = [...ACCOUNT, 'customers'];
  const isNull = "['This field may not be null.']";
  accepts(path, [[[], []]]);
  rejects(path, [
    [[null], [isNull]],
    [
      [null, null],
      [isNull, isNull],
    ],
    [
      [null, { account_roles: ['ADMIN'] }, 5],
      {
        0: ['This field may not be null.'],
        2: { non_field_errors: ['Invalid data. Expected a dictionary, but got int.'] },
      },
    ],
  ]);
});

describe('an object', () => {
  accepts(
    [...CONTACT],
    [
      [{}, { title: '', given_name: '', family_name: '' }],
      [JSON.parse('{"__proto__": {"title": 5}}'), { title: '', given_name: '', family_name: '' }],
    ],
  );
  accepts(
    [...ACCOUNT, 'customers'],
    [
      [
        [{ account_roles: ['ADMIN'] }],
        [
          {
            title: '',
            given_name: '',
            family_name: '',
            mobile: '',
            landline: '',
            salutation: '',
            account_roles: ['ADMIN'],
          },
        ],
      ],
    ],
  );
});
