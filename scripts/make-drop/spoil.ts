import type { Random } from './random.ts';
import type { Request } from './request.ts';

// biome-ignore lint/suspicious/noExplicitAny: what is spoilt has no type any more
type Spoilable = any;

/**
 * A way to make a valid request invalid, whatever is in it: values at a place; undefined leaves a field out.
 */
type Spoil = readonly [at: (request: Spoilable) => Spoilable, values: object];

const whole = (request: Spoilable): Spoilable => request;
const payload = (request: Spoilable): Spoilable => request.payload;
const supplyPoint = (request: Spoilable): Spoilable => request.payload.supply_point;
const account = (request: Spoilable): Spoilable => request.payload.accounts[0];
const customer = (request: Spoilable): Spoilable => account(request).customers[0];

function contact(request: Spoilable): Spoilable {
  account(request).outage_contact ??= {};
  return account(request).outage_contact;
}

function address(request: Spoilable): Spoilable {
  customer(request).postal_address ??= {
    administrative_area: 'NSW',
    country: 'AU',
    locality: 'MOREE',
    postal_code: '2400',
    structured_street_address: { lot_number: '1' },
  };
  return customer(request).postal_address;
}

const SPOILS: readonly Spoil[] = [
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

/** Ways that only JSON has. */
const JSON_SPOILS: readonly Spoil[] = [
  [whole, { payload: undefined }],
  [payload, { supply_point: null }],
  [payload, { accounts: 'none' }],
  [customer, { account_roles: [] }],
];

/** Makes a request invalid in one of the ways that the format can write. */
export function spoil(request: Request, random: Random, isJson: boolean): void {
  const [at, values] = random.pick(isJson ? [...SPOILS, ...JSON_SPOILS] : SPOILS);
  Object.assign(at(request), values);
}
