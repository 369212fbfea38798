import { expect, it } from 'vitest';
import { importError } from '../../shared/imports/model/import-errors.ts';
import { importId, importKey } from '../../shared/imports/model/import-process.ts';

it.each([
  [
    () => importError.failedValidation(),
    'import_process_failed_validation',
    'import_process',
    'Import process validation failed during supply point creation. Please validate the import process to get full details of the validation errors.',
  ],
  [
    () => importError.supplyPointAlreadyExists('1'),
    'supply_point_already_exists',
    'supply_point_import',
    'The supply point 1 already exists.',
  ],
  [
    () => importError.scheduleWindowMissed(),
    'schedule_window_missed',
    'import_process',
    'The schedule window closed before the import was started.',
  ],
  [
    () => importError.attemptsExhausted(),
    'import_attempts_exhausted',
    'import_process',
    'The import failed each time it was tried.',
  ],
  [
    () => importError.migrationNotOngoing('A'),
    'import_supplier_migration_not_ongoing',
    'import_process',
    'The migration of the import supplier A is not ongoing.',
  ],
])('a latest_error has the contract’s texts: %#', (error, code, domain, detail) => {
  expect(error()).toEqual({ code, domain, detail });
});

it.each(['2000000001', '', 'a#b'])('an import’s key is found in its id: %j', (externalIdentifier) => {
  const key = { importSupplier: 'A', externalIdentifier };
  expect(importId(key)).toBe(`A#${externalIdentifier}`);
  expect(importKey(importId(key))).toEqual(key);
});
