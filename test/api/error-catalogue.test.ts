import { describe, expect, it } from 'vitest';
import { errorCatalogue } from '../../shared/api/error-catalogue.ts';

describe('the catalogue of errors', () => {
  const errors = errorCatalogue();

  it('has an address and a remedy for each', () => {
    expect(new Set(errors.map(({ id }) => id)).size).toBe(errors.length);
    expect(errors.filter(({ remedy }) => !/^[A-Z].*\.$/.test(remedy))).toEqual([]);
  });

  it('knows the fields of every rule but the one about the whole body', () => {
    const without = errors.filter(({ where, fields }) => where === 'field' && fields.length === 0);
    expect(without.map(({ code }) => code)).toEqual(['no_data']);
    expect(errors.find(({ code }) => code === 'not_mobile_number')?.fields).toEqual([
      'accounts.customers.mobile',
    ]);
  });

  it('shows what a message is about as a placeholder', () => {
    expect(errors.find(({ code }) => code === 'supply_point_already_exists')?.message).toBe(
      'The supply point {value} already exists.',
    );
  });
});
