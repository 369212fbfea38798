import { describe, expect, it } from 'vitest';
import {
  readNewSupplierRequest,
  readNewTokenRequest,
  readRevokeRequest,
  readRotateRequest,
  readScenariosRequest,
  readSupplierRequest,
} from '../../functions/edge/admin/requests.ts';
import { suppliersOfToken } from '../../functions/edge/admin/token-suppliers.ts';

const ZONE = 'Australia/Sydney';
const NOW = Date.UTC(2026, 10, 25);
const IMPORTER = { name: 'pipeline', role: 'importer', suppliers: ['TEST_SUPPLIER'] };
const REGISTERED = [{ code: 'TEST_SUPPLIER' }];
const many = Array.from({ length: 51 }, (_, number) => `S${number}`);

/** The errors of a request to create a token. */
function errorsOf(json: unknown): unknown {
  const read = readNewTokenRequest(json, NOW, ZONE);
  const checked = read.valid ? suppliersOfToken(read.data, REGISTERED) : read;
  return checked.valid ? 'valid' : checked.errors;
}

describe('a request to create a token', () => {
  it.each([
    ['no name', { role: 'viewer', suppliers: ['TEST_SUPPLIER'] }, { name: ['This field is required.'] }],
    ['a blank name', { ...IMPORTER, name: ' ' }, { name: ['This field may not be blank.'] }],
    ['a long name', { ...IMPORTER, name: 'x'.repeat(129) }, { name: [expect.stringContaining('128')] }],
    ['a name of two lines', { ...IMPORTER, name: 'x\ny' }, { name: [expect.stringContaining('control')] }],
    ['another role', { ...IMPORTER, role: 'admin' }, { role: ['"admin" is not a valid choice.'] }],
    ['no suppliers', { name: 'x', role: 'viewer' }, { suppliers: ['This field is required.'] }],
    ['an empty list', { ...IMPORTER, suppliers: [] }, { suppliers: ['This list may not be empty.'] }],
    ['too many suppliers', { ...IMPORTER, suppliers: many }, { suppliers: [expect.stringContaining('50')] }],
    [
      'an unknown supplier',
      { ...IMPORTER, suppliers: ['TEST_SUPPLIER', 'NOBODY'] },
      { suppliers: ['"NOBODY" is not a registered import supplier.'] },
    ],
    [
      'every supplier for an importer',
      { ...IMPORTER, suppliers: ['*'] },
      { suppliers: ['*, every supplier, is for operators only.'] },
    ],
    [
      'every supplier and one',
      { name: 'x', role: 'operator', suppliers: ['*', 'TEST_SUPPLIER'] },
      { suppliers: ['* must be alone.'] },
    ],
    [
      'a past expiry',
      { ...IMPORTER, expires_at: '2020-01-01' },
      { expires_at: ['This time is not in the future.'] },
    ],
    [
      'a day that does not exist',
      { ...IMPORTER, expires_at: '2999-02-30' },
      { expires_at: [expect.stringContaining('Datetime has wrong format')] },
    ],
    [
      'a misspelt expiry, which would otherwise be ignored',
      { ...IMPORTER, expires: '2999-01-01' },
      { expires: ['There is no field of this name.'] },
    ],
    ['a list', [], { non_field_errors: [expect.stringContaining('Expected a dictionary')] }],
  ])('has an error for %s', (_, json, errors) => {
    expect(errorsOf(json)).toEqual(errors);
  });

  it('is trimmed, and its times are in the environment’s zone', () => {
    const read = (expires_at: unknown) =>
      readNewTokenRequest({ ...IMPORTER, name: ' pipeline ', expires_at }, NOW, ZONE);
    expect(read('2027-06-30')).toMatchObject({
      data: { name: 'pipeline', expires_at: Date.UTC(2027, 5, 29, 14) },
    });
    expect(read('2027-06-30T00:00Z')).toMatchObject({ data: { expires_at: Date.UTC(2027, 5, 30) } });
    expect(read(null)).toMatchObject({ valid: true, data: { expires_at: null } });
    // The clocks go forward at two o’clock.
    expect(read('2027-10-03T02:30')).toMatchObject({
      errors: { expires_at: [expect.stringContaining('Australia/Sydney')] },
    });
  });

  it('names each supplier once', () => {
    const suppliers = ['TEST_SUPPLIER', 'TEST_SUPPLIER'];
    expect(suppliersOfToken({ role: 'viewer', suppliers }, REGISTERED)).toEqual({
      valid: true,
      data: ['TEST_SUPPLIER'],
    });
    expect(suppliersOfToken({ role: 'operator' }, [])).toEqual({ valid: true, data: ['*'] });
  });
});

describe('the other requests', () => {
  it.each<[string, { valid: boolean }]>([
    ['a supplier’s code that is no text', readNewSupplierRequest({ code: 7 })],
    ['a migration that is ajar', readSupplierRequest({ migration: 'ajar' })],
    ['a word for a boolean', readSupplierRequest({ ignores_unknown_columns: 'yes' })],
    ['a time that is no text', readRotateRequest({ old_until: 7 }, NOW, ZONE)],
    ['a past time', readRotateRequest({ old_until: '2026-11-25T00:00:00Z' }, NOW, ZONE)],
    ['a misspelt confirmation', readRevokeRequest({ even_if_lsat: true })],
    ['a fraction for a revision', readScenariosRequest({ rules: [], revision: 1.5 })],
    ['a list', readRevokeRequest([])],
  ])('are refused with %s', (_, read) => {
    expect(read.valid).toBe(false);
  });

  it('may leave out what is optional', () => {
    expect(readRevokeRequest({})).toEqual({ valid: true, data: { even_if_last: false } });
    expect(readSupplierRequest({})).toEqual({ valid: true, data: {} });
    expect(readNewSupplierRequest({ code: 'A' })).toEqual({
      valid: true,
      data: { code: 'A', migration: 'open' },
    });
  });
});
