import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCursor, writeCursor } from '../../functions/edge/imports/cursor.ts';
import { readListQuery } from '../../functions/edge/imports/list-query.ts';
import { IMPORT_STATUSES } from '../../shared/imports/model/import-process.ts';

const cursor = { supplier: 'TEST_SUPPLIER', status: 'ERRORED' as const, after: '1767603600000#4001248530' };
const read = (query: Record<string, string[]>) => readListQuery(query, 'TEST_SUPPLIER');

describe('a cursor', () => {
  it('is parsed to the same position, and needs no escaping in a query', () => {
    const statuses = fc.constantFrom(null, ...IMPORT_STATUSES);
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z0-9_-]{1,64}$/), statuses, (supplier, status) => {
        const text = writeCursor({ ...cursor, supplier, status });
        expect(text).toMatch(/^[\w-]{1,400}$/);
        expect(readCursor(text)).toEqual({ ...cursor, supplier, status });
      }),
    );
  });

  it('is invalid after any character was changed, removed or added', () => {
    const text = writeCursor(cursor);
    const place = fc.nat(text.length - 1);
    fc.assert(
      fc.property(place, fc.string({ minLength: 0, maxLength: 3 }), (index, replacement) => {
        const changed = text.slice(0, index) + replacement + text.slice(index + 1);
        fc.pre(changed !== text);
        expect(readCursor(changed)).toBeUndefined();
      }),
    );
  });

  it('is undefined for any other text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readCursor(text)).toBeUndefined();
      }),
    );
    expect(readCursor('A'.repeat(10_000))).toBeUndefined();
  });
});

describe('a list’s query', () => {
  it('without parameters means all imports, twenty per page, from the latest on', () => {
    const data = { importSupplier: 'TEST_SUPPLIER', status: undefined, pageSize: 20, after: undefined };
    expect(read({})).toEqual({ valid: true, data });
    expect(read({ format: ['json', 'api'], __proto__: ['x'] })).toEqual({ valid: true, data });
  });

  it('with all parameters is parsed', () => {
    const query = { status: ['ERRORED'], page_size: ['100'], cursor: [writeCursor(cursor)] };
    const data = {
      importSupplier: 'TEST_SUPPLIER',
      status: 'ERRORED',
      pageSize: 100,
      after: '1767603600000#4001248530',
    };
    expect(read(query)).toEqual({ valid: true, data });
  });

  const choices = `Valid choices are ${IMPORT_STATUSES.join(', ')}.`;
  const once = 'This parameter may be given only once.';
  it.each([
    [{ status: ['DONE'] }, { status: [`"DONE" is not a valid choice. ${choices}`] }],
    [{ status: ['errored'] }, { status: [`"errored" is not a valid choice. ${choices}`] }],
    [{ status: [''] }, { status: [`"" is not a valid choice. ${choices}`] }],
    [{ status: ['ERRORED', 'PENDING'] }, { status: [once] }],
    [{ page_size: ['0'] }, { page_size: ['Ensure this value is greater than or equal to 1.'] }],
    [{ page_size: ['-1'] }, { page_size: ['Ensure this value is greater than or equal to 1.'] }],
    [{ page_size: ['101'] }, { page_size: ['Ensure this value is less than or equal to 100.'] }],
    [{ page_size: ['1e1'] }, { page_size: ['A valid integer is required.'] }],
    [{ page_size: [''] }, { page_size: ['A valid integer is required.'] }],
    [{ page_size: ['9'.repeat(400)] }, { page_size: ['A valid integer is required.'] }],
    [{ page_size: ['1', '1'] }, { page_size: [once] }],
    [{ cursor: [''] }, { cursor: ['Invalid cursor.'] }],
    [{ cursor: ['abc'] }, { cursor: ['Invalid cursor.'] }],
    [{ cursor: ['x', 'y'] }, { cursor: [once] }],
  ] as [Record<string, string[]>, object][])('%j is rejected with %j', (query, errors) => {
    expect(read(query)).toEqual({ valid: false, errors });
  });

  it('with a cursor of another supplier or filter is rejected', () => {
    const errors = { cursor: ['The cursor is from another list.'] };
    const text = writeCursor(cursor);
    expect(read({ cursor: [text] })).toEqual({ valid: false, errors });
    expect(read({ cursor: [text], status: ['PENDING'] })).toEqual({ valid: false, errors });
    expect(readListQuery({ cursor: [text], status: ['ERRORED'] }, 'OTHER')).toEqual({ valid: false, errors });
  });

  it('returns all of its errors at once', () => {
    const checked = read({ status: ['x'], page_size: ['x'], cursor: ['x'] });
    if (checked.valid) throw new Error('The query was accepted.');
    expect(Object.keys(checked.errors)).toEqual(['status', 'page_size', 'cursor']);
  });
});

it.each(['1', '100'])('accepts the page size %s, a limit', (size) => {
  expect(readListQuery({ page_size: [size] }, 'A')).toMatchObject({
    valid: true,
    data: { pageSize: Number(size) },
  });
});
