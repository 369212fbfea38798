import guideExample from '../../examples/guide-example.json' with { type: 'json' };

type Payload = {
  import_supplier: string;
  supply_point: { identifier: string };
  accounts: {
    customers: { postal_address: { structured_street_address: Record<string, unknown> } }[];
    outage_contact: { postal_address: Record<string, unknown> };
  }[];
};
type CreateRequest = { payload: Payload; task_params?: Record<string, unknown> };

/** The guide's example request with this supplier and identifier. */
export function exampleFor(
  supplier: string,
  identifier: string,
  task_params?: Record<string, unknown>,
): CreateRequest {
  const request = structuredClone(guideExample) as CreateRequest;
  request.payload.import_supplier = supplier;
  request.payload.supply_point.identifier = identifier;
  return { ...request, ...(task_params && { task_params }) };
}

/**
 * The response to validating the guide's example: the payload with numeric strings as integers and with defaults (source: the
 * contract). Written out here, independently of the code under test.
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
