import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RequestOf, ResultOf } from '../../shared/api/operation-types.ts';
import { startTestHost, statusOf, type TestHost } from '../support/host.ts';
import { typedClient } from '../support/typed-client.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host?.stop());

const IDENTIFIER = '4001777001';
const request: RequestOf<'create'> = {
  payload: {
    import_supplier: 'TEST_SUPPLIER',
    supply_point: { identifier: IDENTIFIER, supply_type: 'ELECTRICITY_DISTRIBUTION' },
    accounts: [
      {
        account_type: 'DOMESTIC',
        customer_at_supply_address_from_date: '2024-01-01',
        customers: [
          {
            given_name: 'Mickey',
            family_name: 'Mouse',
            email: null,
            account_roles: ['ADMIN'],
            postal_address: {
              administrative_area: 'NSW',
              country: 'AU',
              locality: 'MOREE',
              postal_code: '2400',
              structured_street_address: {
                postal_delivery_type: 'PO BOX',
                postal_delivery_number_value: '111',
              },
            },
          },
        ],
      },
    ],
  },
  task_params: { is_dry_run: true },
};

it('a client whose types come from the document imports a supply point and follows it', async () => {
  const call = typedClient(host, host.token);
  const validated = await call('validate', { request: { payload: request.payload } });
  const [account] = validated.accounts;
  expect(account?.customers[0]?.postal_address?.structured_street_address.postal_delivery_number_value).toBe(
    111,
  );
  await call('create', { request });
  await statusOf(host, IDENTIFIER, ['DRY_RUN_SUCCEEDED']);
  const parameters = { supplier: 'TEST_SUPPLIER', identifier: IDENTIFIER };
  const status: ResultOf<'status'> = await call('status', { parameters });
  expect(status).toMatchObject({ status: 'DRY_RUN_SUCCEEDED', latest_error: null });
  const { results, next_cursor } = await call('list', {
    parameters: { supplier: 'TEST_SUPPLIER' },
    query: { status: 'DRY_RUN_SUCCEEDED', page_size: 1 },
  });
  expect(results.map(({ external_identifier }) => external_identifier)).toEqual([IDENTIFIER]);
  expect(next_cursor).toBeNull();
  await expect(call('cancel', { parameters })).rejects.toThrow(
    /^cancel: 409 .*import_process_cannot_be_cancelled/,
  );
});

it('does not compile with another operation, parameter, field or type', () => {
  const call = typedClient(host, host.token);
  const never = () => [
    // @ts-expect-error There is no such operation.
    call('states', { parameters: { supplier: 'S', identifier: 'I' } }),
    // @ts-expect-error The identifier is missing.
    call('status', { parameters: { supplier: 'S' } }),
    // @ts-expect-error It has no such query parameter.
    call('list', { parameters: { supplier: 'S' }, query: { state: 'ERRORED' } }),
    // @ts-expect-error There is no such status.
    call('list', { parameters: { supplier: 'S' }, query: { status: 'WRONG' } }),
    // @ts-expect-error The supply point is required.
    call('validate', { request: { payload: { import_supplier: 'S' } } }),
    call('validate', {
      request: {
        payload: {
          import_supplier: 'S',
          // @ts-expect-error A number is not a supply type.
          supply_point: { identifier: '4001248530', supply_type: 1 },
        },
      },
    }),
    // @ts-expect-error A status has no such key.
    call('status', { parameters: { supplier: 'S', identifier: 'I' } }).then(({ state }) => state),
  ];
  expect(never).toBeTypeOf('function');
});
