import { SUPPLY_POINTS } from '../../shared/api/operations.ts';
import { krakenIdentifier } from '../../shared/supply-points/kraken-identifier.ts';
import type { Check, ExpectedResponse } from './check.ts';
import { exampleFor, validatedExample } from './guide-example.ts';
import type { CheckInputs } from './inputs.ts';
import { Matcher, textMatching } from './matchers.ts';

const TIME = textMatching('a time as in the guide', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d$/);
const OPEN = ['PENDING', 'IN_PROGRESS'];
const NOT_FOUND: ExpectedResponse = {
  status: 404,
  body: { detail: 'The requested resource was not found.', code: 'not_found' },
};

/** Checks the guide's flow, with both forms of each path. */
export function flowChecks({ importer: authorization, supplier, identifier }: CheckInputs): Check[] {
  const { first, second, dryRun, never } = identifier;
  const validate = (path: string): Check => ({
    name: `validate the guide’s example at ${path}`,
    request: { method: 'POST', path, authorization, json: exampleFor(supplier, first) },
    expected: { status: 200, body: validatedExample(supplier, first) },
  });
  const create = (name: string, path: string, id: string, taskParameters?: Record<string, unknown>) => ({
    name,
    request: { method: 'POST', path, authorization, json: exampleFor(supplier, id, taskParameters) },
    expected: { status: 201, body: {} },
    creates: true as const,
  });
  const ends = (name: string, id: string, path: string, status: string): Check => ({
    name,
    request: { method: 'GET', path, authorization },
    expected: statusResponse(status, status === 'PROCESSED' ? krakenIdentifier(id) : null),
    creates: true,
    while: { statuses: OPEN, expected: statusResponse(new Matcher(OPEN.join(' or '), isOpen), null) },
  });
  const again = (path: string, id: string): Check => ({
    ...create(`create again after the import, at ${path}`, path, id),
    expected: { status: 400, body: alreadyImported(id) },
  });
  const statusAt = (of: string, id: string): string => `${SUPPLY_POINTS}/${of}/${id}`;
  const unknown = (name: string, path: string): Check => ({
    name,
    request: { method: 'GET', path, authorization },
    expected: NOT_FOUND,
  });

  return [
    validate(`${SUPPLY_POINTS}/validate/`),
    validate(`${SUPPLY_POINTS}/validate`),
    unknown('the status of an identifier that was only validated', `${statusAt(supplier, first)}/`),
    create('create with the last slash', `${SUPPLY_POINTS}/`, first),
    ends('its status, with the last slash', first, `${statusAt(supplier, first)}/`, 'PROCESSED'),
    create('create without the last slash', SUPPLY_POINTS, second),
    ends('its status, without the last slash', second, statusAt(supplier, second), 'PROCESSED'),
    again(`${SUPPLY_POINTS}/`, first),
    again(SUPPLY_POINTS, first),
    create('create as a dry run', `${SUPPLY_POINTS}/`, dryRun, { is_dry_run: true }),
    ends('the dry run’s status', dryRun, `${statusAt(supplier, dryRun)}/`, 'DRY_RUN_SUCCEEDED'),
    unknown('the status of an unknown identifier', `${statusAt(supplier, never)}/`),
    unknown('the same without the last slash', statusAt(supplier, never)),
    unknown('the status of an unknown supplier’s import', `${statusAt('NO-SUCH-SUPPLIER', first)}/`),
  ];
}

const isOpen = (status: unknown): boolean => OPEN.includes(String(status));

const statusResponse = (status: unknown, kraken_identifier: string | null): ExpectedResponse => ({
  status: 200,
  body: { status, kraken_identifier, created_at: TIME, modified_at: TIME, latest_error: null },
});

const alreadyImported = (id: string) => ({
  non_field_errors: {
    detail: `The import process with the supply point identifier ${id} has already been imported.`,
    code: 'supply_point_import_process_already_imported',
  },
  supply_point_identifier: id,
});
