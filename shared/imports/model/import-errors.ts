import type { ImportError } from './import-process.ts';

/**
 * Errors of import processes (source of codes and domains: the contract, "Codes of latest_error"). Details contain codes and
 * identifiers, never other submitted data.
 */
export const importError = {
  failedValidation(): ImportError {
    return {
      code: 'import_process_failed_validation',
      detail:
        'Import process validation failed during supply point creation. ' +
        'Please validate the import process to get full details of the validation errors.',
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
