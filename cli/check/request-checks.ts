import { SUPPLY_POINTS } from '../../shared/api/operations.ts';
import type { Check, ExpectedResponse } from './check.ts';
import { exampleFor } from './guide-example.ts';
import type { CheckInputs } from './inputs.ts';
import { textMatching } from './matchers.ts';

/** Largest request body (source: the contract, 413). */
const BODY_BYTES_MAX = 262_144;
const PARSE_ERROR = {
  detail: textMatching('JSON parse error - a reason', /^JSON parse error - ./),
  code: 'parse_error',
};
const PATHS = [`${SUPPLY_POINTS}/validate/`, `${SUPPLY_POINTS}/`];

/** Checks invalid requests. Each must be rejected before anything is stored. */
export function requestChecks(inputs: CheckInputs): Check[] {
  return [
    ...PATHS.flatMap((path) => bodyChecks(inputs, path)),
    ...payloadChecks(inputs),
    ...windowChecks(inputs),
    ...rehearsedChecks(inputs),
  ];
}

function bodyChecks({ importer: authorization }: CheckInputs, path: string): Check[] {
  const rejected = (
    name: string,
    request: { text: string; contentType?: string },
    expected: ExpectedResponse,
  ): Check => ({
    name: `${name}, at ${path}`,
    request: { method: 'POST', path, authorization, ...request },
    expected,
  });
  const large = (bytes: number): string => `{"payload":"${'x'.repeat(bytes - '{"payload":""}'.length)}"}`;
  return [
    rejected('a body that is not JSON', { text: '{"payload": ' }, { status: 400, body: PARSE_ERROR }),
    rejected('an empty body', { text: '' }, required('payload')),
    rejected('a body without payload', { text: '{}' }, required('payload')),
    rejected(
      'a body that is plain text',
      { text: '{}', contentType: 'text/plain' },
      {
        status: 415,
        body: {
          detail: 'Unsupported media type "text/plain" in request.',
          code: 'unsupported_media_type',
        },
      },
    ),
    rejected(
      'a body of one byte too many',
      { text: large(BODY_BYTES_MAX + 1) },
      {
        status: 413,
        body: { detail: `Request body exceeds ${BODY_BYTES_MAX} bytes.`, code: 'request_too_large' },
      },
    ),
  ];
}

const required = (field: string): ExpectedResponse => ({
  status: 400,
  body: { [field]: ['This field is required.'] },
});

function payloadChecks({
  importer: authorization,
  supplier,
  closedSupplier,
  identifier,
}: CheckInputs): Check[] {
  const { rejected } = identifier;
  return PATHS.flatMap((path): Check[] => {
    const request = (json: unknown) => ({ method: 'POST', path, authorization, json });
    return [
      {
        name: `a payload with errors in several fields, at ${path}`,
        request: request({ payload: { import_supplier: supplier, supply_point: { identifier: '123' } } }),
        expected: {
          status: 400,
          body: {
            supply_point: {
              identifier: ['123 is not a valid supply point identifier.'],
              supply_type: ['This field is required.'],
            },
          },
        },
      },
      {
        name: `a supplier that is not registered, at ${path}`,
        request: request(exampleFor('NO-SUCH-SUPPLIER', rejected)),
        expected: { status: 400, body: { import_supplier: ['"NO-SUCH-SUPPLIER" is not a valid choice.'] } },
      },
      {
        name: `a supplier whose migration is closed, at ${path}`,
        request: request(exampleFor(closedSupplier ?? '', rejected)),
        expected: {
          status: 400,
          body: {
            non_field_errors: {
              detail: `The migration of the import supplier ${closedSupplier} is not ongoing.`,
              code: 'import_supplier_migration_not_ongoing',
            },
            supply_point_identifier: rejected,
          },
        },
        ...(closedSupplier === undefined && { skipped: 'no --closed-supplier' }),
      },
    ];
  });
}

/** Invalid schedule windows. The years are invalid for any clock. */
const WINDOWS = [
  {
    name: 'a schedule window that starts in the past',
    window: { schedule_window_start: '2020-01-01T00:00:00Z' },
    detail: 'The schedule window start is in the past.',
    code: 'schedule_window_start_in_past',
  },
  {
    name: 'a schedule window that ends too late',
    window: { schedule_window_end: '2999-01-01T00:00:00Z' },
    detail: 'The schedule window end is more than 4 days in the future.',
    code: 'schedule_window_end_too_far_in_future',
  },
  {
    name: 'a schedule window that ends before it starts',
    window: { schedule_window_start: '2999-01-02T00:00:00Z', schedule_window_end: '2020-01-01T00:00:00Z' },
    detail: 'The schedule window start is after its end.',
    code: 'schedule_window_start__after_end',
  },
];

function windowChecks({ importer: authorization, supplier, identifier }: CheckInputs): Check[] {
  return WINDOWS.map(({ name, window, detail, code }) => ({
    name,
    request: {
      method: 'POST',
      path: `${SUPPLY_POINTS}/`,
      authorization,
      json: exampleFor(supplier, identifier.rejected, window),
    },
    expected: { status: 400, body: { task_params: { non_field_errors: { detail, code } } } },
  }));
}

/** Checks responses that only the supplier's scenarios produce (examples/test-supplier-scenarios.json). */
function rehearsedChecks({ importer: authorization, supplier, hasScenarios }: CheckInputs): Check[] {
  const rejectedByScenario = (name: string, identifier: string, expected: ExpectedResponse): Check => ({
    name,
    request: {
      method: 'POST',
      path: `${SUPPLY_POINTS}/`,
      authorization,
      json: exampleFor(supplier, identifier),
    },
    expected,
    ...(!hasScenarios && { skipped: 'no --scenarios' }),
  });
  return [
    rejectedByScenario('a rehearsed throttling', '4999000029', {
      status: 429,
      body: { detail: 'Request was throttled. Expected available in 30 seconds.', code: 'throttled' },
      headers: { 'retry-after': '30' },
    }),
    rejectedByScenario('a rehearsed outage', '4999000053', {
      status: 503,
      body: { detail: 'A server error occurred.', code: 'error' },
    }),
  ];
}
