import type { Random } from './random.ts';
import type { Request } from './request.ts';

// biome-ignore lint/suspicious/noExplicitAny: an invalid request has no type
type Untyped = any;

/** Makes any valid request invalid by setting values of an object in it. The value undefined omits the field. */
type Mutation = readonly [at: (request: Untyped) => Untyped, values: object];

const whole = (request: Untyped): Untyped => request;
const payload = (request: Untyped): Untyped => request.payload;
const supplyPoint = (request: Untyped): Untyped => request.payload.supply_point;
const account = (request: Untyped): Untyped => request.payload.accounts[0];
const customer = (request: Untyped): Untyped => account(request).customers[0];

function contact(request: Untyped): Untyped {
  account(request).outage_contact ??= {};
  return account(request).outage_contact;
}

function address(request: Untyped): Untyped {
  customer(request).postal_address ??= {
    administrative_area: 'NSW',
    country: 'AU',
    locality: 'MOREE',
    postal_code: '2400',
    structured_street_address: { lot_number: '1' },
  };
  return customer(request).postal_address;
}

const MUTATIONS: readonly Mutation[] = [
  [whole, { task_params: { schedule_window_start: '2020-01-01T00:00:00+11:00' } }],
  [payload, { import_supplier: 'NO_SUPPLIER' }],
  [supplyPoint, { identifier: 'NMI' }],
  [supplyPoint, { supply_type: undefined }],
  [supplyPoint, { critical_load: 'perhaps' }],
  [account, { account_type: undefined }],
  [account, { customer_at_supply_address_from_date: '31/12/2023' }],
  [customer, { mobile: '0412 345' }],
  [customer, { landline: '0412345678' }],
  [customer, { title: 'Captain' }],
  [customer, { email: 'somebody@' }],
  [customer, { email: 'test@example.com' }],
  [customer, { given_name: 'x'.repeat(256) }],
  [customer, { given_name: 'The', family_name: 'Occupier' }],
  [customer, { account_roles: undefined }],
  [contact, { phone_1: { number: '0412', service_type: 'MOBILE_VOICE' } }],
  [address, { postal_code: '20O0' }],
  [address, { administrative_area: 'New South Wales' }],
  [address, { street_address: '1 High Street' }],
  [address, { structured_street_address: { house_number_1: 7 } }],
];

/** Mutations that CSV cannot express. */
const JSON_MUTATIONS: readonly Mutation[] = [
  [whole, { payload: undefined }],
  [payload, { supply_point: null }],
  [payload, { accounts: 'none' }],
  [customer, { account_roles: [] }],
];

/** Makes a request invalid with a random mutation that the format can express. */
export function makeInvalid(request: Request, random: Random, isJson: boolean): void {
  const [at, values] = random.pick(isJson ? [...MUTATIONS, ...JSON_MUTATIONS] : MUTATIONS);
  Object.assign(at(request), values);
}
