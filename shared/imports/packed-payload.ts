import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { parseJson } from '../contract/python-json.ts';

/**
 * The field names of a request, as they stand in JSON. Raw deflate with this dictionary packs the guide's example from
 * 1,393 to 250 bytes (643 without it), so that its record stays under one kilobyte, DynamoDB's unit of writing.
 *
 * Never edit it: records that wait were packed with it. Add a format beside it instead.
 */
const DICTIONARY_1 = Buffer.from(
  [
    '"building_or_property_name":"","flat_or_unit_number":"","flat_or_unit_type":"U","floor_or_level_number":"",',
    '"floor_or_level_type":"L","house_number_1":,"house_number_2":,"house_number_suffix_1":"","house_number_suffix_2":"",',
    '"location_descriptor":"","lot_number":"","postal_delivery_number_prefix":"","postal_delivery_number_suffix":"",',
    '"postal_delivery_number_value":,"postal_delivery_type":"PO BOX","street_name":"","street_suffix":"","street_type":"ST"}}',
    '"postal_address":{"administrative_area":"NSW","country":"AU","delivery_point_identifier":"","dependent_locality":"",',
    '"locality":"","postal_code":"","sorting_code":"","street_address":"","structured_street_address":{',
    '{"import_supplier":"","supply_point":{"identifier":"","supply_type":"ELECTRICITY_DISTRIBUTION","substation":"",',
    '"critical_load":false},"accounts":[{"account_type":"DOMESTIC_THIRD_PARTY_BILLED",',
    '"customer_at_supply_address_from_date":"20","customers":[{"title":"Mr","given_name":"","family_name":"","email":"",',
    '"mobile":"04","landline":"+61","salutation":"","account_roles":["ADMIN"],"outage_contact":{"suffix":"","name_type":"",',
    '"phone_1":{"number":"","service_type":"MOBILE_VOICE","prefix":"+61"},"phone_2":{"email_address":""}]}',
  ].join(''),
);

/** First byte of what is stored: which way it was packed. */
const FORMAT_1 = 1;

/** Most bytes that a payload may unpack to: twice the largest request body, since defaults are filled in. */
const UNPACKED_BYTES_MAX = 2 * 256 * 1024;

/** Packs a validated payload for a record. Equal payloads pack to equal bytes. */
export function packPayload(payload: unknown): Uint8Array<ArrayBuffer> {
  const packed = deflateRawSync(JSON.stringify(payload), { level: 9, dictionary: DICTIONARY_1 });
  return Buffer.concat([Buffer.of(FORMAT_1), packed]);
}

/**
 * Unpacks what {@link packPayload} packed.
 *
 * @throws Error where the bytes are of another format or broken: never a payload's text in its message.
 */
export function unpackPayload(packed: Uint8Array): unknown {
  if (packed[0] !== FORMAT_1) throw new Error(`A stored payload has the unknown format ${packed[0]}.`);
  const json = inflateRawSync(packed.subarray(1), {
    dictionary: DICTIONARY_1,
    maxOutputLength: UNPACKED_BYTES_MAX,
  });
  return parseJson(json.toString('utf8'));
}
