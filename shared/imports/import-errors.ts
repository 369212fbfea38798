import type { ErrorBody } from '../contract/request.ts';
import type { ImportError } from './import-process.ts';

/** Most failing fields that a detail names. */
const FIELDS_NAMED_MAX = 10;

/**
 * The errors that an import process can end with (source of codes and domains: the contract, "Codes of latest_error").
 * Details name fields, codes and identifiers, never what a person sent in them.
 */
export const importError = {
  failedValidation(errors: ErrorBody): ImportError {
    return {
      code: 'import_process_failed_validation',
      detail: `The data is not valid any more: ${failingFields(errors).join(', ')}.`,
      domain: 'import_process',
    };
  },
  supplyPointAlreadyExists(identifier: string): ImportError {
    return {
      code: 'supply_point_already_exists',
      detail: `The supply point ${identifier} already exists.`,
      domain: 'supply_point_import',
    };
  },
  scheduleWindowMissed(): ImportError {
    return {
      code: 'schedule_window_missed',
      detail: 'The schedule window closed before the import was started.',
      domain: 'import_process',
    };
  },
  attemptsExhausted(): ImportError {
    return {
      code: 'import_attempts_exhausted',
      detail: 'The import failed each time it was tried.',
      domain: 'import_process',
    };
  },
  migrationNotOngoing(importSupplier: string): ImportError {
    return {
      code: 'import_supplier_migration_not_ongoing',
      detail: `The migration of the import supplier ${importSupplier} is not ongoing.`,
      domain: 'import_process',
    };
  },
};

function failingFields(errors: ErrorBody): string[] {
  const fields: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (fields.length === FIELDS_NAMED_MAX) return;
    if (Array.isArray(value) || typeof value !== 'object' || value === null) fields.push(path);
    else
      for (const [field, below] of Object.entries(value))
        walk(below, path === '' ? field : `${path}.${field}`);
  };
  walk(errors, '');
  return fields;
}
