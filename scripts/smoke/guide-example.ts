import { readFileSync } from 'node:fs';

type Payload = {
  import_supplier: string;
  supply_point: { identifier: string };
  accounts: {
    customers: { postal_address: { structured_street_address: Record<string, unknown> } }[];
    outage_contact: { postal_address: Record<string, unknown> };
  }[];
};
type CreateRequest = { payload: Payload; task_params?: Record<string, unknown> };

const EXAMPLE = new URL('../../examples/guide-example.json', import.meta.url);

/** The guide's example request for a supply point. */
export function exampleFor(
  supplier: string,
  identifier: string,
  task_params?: Record<string, unknown>,
): CreateRequest {
  const request = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as CreateRequest;
  request.payload.import_supplier = supplier;
  request.payload.supply_point.identifier = identifier;
  return { ...request, ...(task_params && { task_params }) };
}

/**
 * What validating the guide's example answers: what was sent, with numbers in text made integers and defaults filled in
 * (source: the contract). Written out here, rather than made by the code that is to be checked.
 */
export function validatedExample(supplier: string, identifier: string): Payload {
  const { payload } = exampleFor(supplier, identifier);
  const { customers, outage_contact } = payload.accounts[0]!;
  customers[0]!.postal_address.structured_street_address['postal_delivery_number_value'] = 111;
  const address = outage_contact.postal_address;
  Object.assign(address, { dependent_locality: '', sorting_code: '', street_address: '' });
  Object.assign(address['structured_street_address'] as object, { house_number_1: 11 });
  return payload;
}
