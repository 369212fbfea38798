import type * as v from 'valibot';
import { optional } from 'valibot';
import { AUSTRALIA, type Codes, codes } from './codes.ts';
import { FieldError, NON_FIELD_ERRORS, type ObjectRule } from './field.ts';
import { nested } from './nested.ts';
import { messageOf } from './rules.ts';
import { choice, integer } from './scalars.ts';
import { matches, text } from './text.ts';

const unitNumber = matches(/^[A-Za-z]*[0-9.]+[A-Za-z]*$/, 'invalid_unit_number');
const lotNumber = matches(/^[A-Za-z0-9.]+$/, 'invalid_lot_number');
const capitals = matches(/^[A-Z]+$/, 'not_capitals');
const postcode = matches(/^[0-9]{4}$/, 'invalid_postcode');
const deliveryPoint = matches(/^[A-Z0-9]+$/, 'invalid_delivery_point');

const twoLinesOfThirty = matches(/^[^\n]{0,30}(?:\n[^\n]{0,30})?$/u, 'more_than_two_lines');

/** The only country. */
const australia: Codes = { has: (code) => code === AUSTRALIA.code, only: [AUSTRALIA] };

const streetAddress = {
  building_or_property_name: optional(text({ max: 60, blank: true, rules: [twoLinesOfThirty] })),
  flat_or_unit_number: optional(text({ max: 7, blank: true, rules: [unitNumber] })),
  flat_or_unit_type: optional(choice(codes('flat_or_unit_type'))),
  floor_or_level_number: optional(text({ max: 7, blank: true, rules: [unitNumber] })),
  floor_or_level_type: optional(choice(codes('floor_or_level_type'))),
  house_number_1: optional(integer({ min: 0 })),
  house_number_2: optional(integer({ min: 0 })),
  house_number_suffix_1: optional(text({ max: 1, blank: true })),
  house_number_suffix_2: optional(text({ max: 1, blank: true })),
  location_descriptor: optional(text({ blank: true })),
  lot_number: optional(text({ max: 6, blank: true, rules: [lotNumber] })),
  postal_delivery_number_prefix: optional(text({ max: 3, blank: true, rules: [capitals] })),
  postal_delivery_number_suffix: optional(text({ max: 3, blank: true, rules: [capitals] })),
  postal_delivery_number_value: optional(integer({ min: 0 })),
  postal_delivery_type: optional(choice(codes('postal_delivery_type'))),
  street_name: optional(text({ max: 45, blank: true })),
  street_suffix: optional(choice(codes('street_suffix'))),
  street_type: optional(choice(codes('street_type'))),
};

type Field = keyof typeof streetAddress;
type Given = { readonly [F in Field]?: unknown };

/** Fields and the field that each requires. Only the first missing one is reported. */
const REQUIRED_WITH: readonly (readonly [Field, Field])[] = [
  ['flat_or_unit_number', 'flat_or_unit_type'],
  ['floor_or_level_number', 'floor_or_level_type'],
  ['house_number_1', 'street_name'],
  ['house_number_2', 'house_number_1'],
  ['house_number_suffix_1', 'house_number_1'],
  ['house_number_suffix_2', 'house_number_2'],
  ['postal_delivery_number_prefix', 'postal_delivery_number_value'],
  ['postal_delivery_number_suffix', 'postal_delivery_number_value'],
  ['postal_delivery_number_value', 'postal_delivery_type'],
  ['street_suffix', 'street_name'],
  ['street_type', 'street_name'],
];

/** Fields of which an address needs at least one. */
const LOCATIONS: readonly Field[] = [
  'street_name',
  'postal_delivery_type',
  'lot_number',
  'building_or_property_name',
  'location_descriptor',
];

const REQUIREMENTS: readonly ObjectRule[] = [
  ...REQUIRED_WITH.map(([field, under]) => ({ rule: 'required_with' as const, under, values: { field } })),
  { rule: 'no_location', under: NON_FIELD_ERRORS, anyOf: LOCATIONS },
];

/** A street, postal delivery, lot, property name or location (source: the published schema's AusStructuredStreetAddress). */
export const StructuredStreetAddress = nested(
  streetAddress,
  (address) => missingRequiredField(address) ?? missingLocation(address),
  REQUIREMENTS,
);
export type StructuredStreetAddress = v.InferOutput<typeof StructuredStreetAddress>;

/** A postal address in Australia (source: the published schema's AusPropertyRichAddress). */
export const Address = nested(
  {
    administrative_area: choice(codes('administrative_area')),
    country: choice(australia),
    delivery_point_identifier: optional(text({ max: 11, blank: true, rules: [deliveryPoint] })),
    dependent_locality: optional(text({ max: 512, blank: true }), ''),
    locality: text({ max: 46 }),
    postal_code: text({ max: 4, rules: [postcode] }),
    sorting_code: optional(text({ max: 512, blank: true }), ''),
    street_address: optional(text({ blank: true }), ''),
    structured_street_address: StructuredStreetAddress,
  },
  ({ street_address }) => (street_address === '' ? undefined : TWO_STREET_ADDRESSES),
  [{ rule: 'two_street_addresses', under: NON_FIELD_ERRORS }],
);
export type Address = v.InferOutput<typeof Address>;

/** The structured address is required, so `street_address` must be blank. */
const TWO_STREET_ADDRESSES = new FieldError(messageOf('two_street_addresses'), NON_FIELD_ERRORS);

const NO_LOCATION = new FieldError(messageOf('no_location'), NON_FIELD_ERRORS);

const isGiven = (address: Given, field: Field) => address[field] !== undefined && address[field] !== '';

function missingRequiredField(address: Given): FieldError | undefined {
  for (const [field, required] of REQUIRED_WITH) {
    if (isGiven(address, field) && !isGiven(address, required)) {
      return new FieldError(messageOf('required_with', { field }), required);
    }
  }
}

function missingLocation(address: Given): FieldError | undefined {
  return LOCATIONS.some((field) => isGiven(address, field)) ? undefined : NO_LOCATION;
}
