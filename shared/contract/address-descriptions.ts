import type { Address, StructuredStreetAddress } from './address.ts';
import { type ObjectText, PUBLISHED } from './object-text.ts';

export const ADDRESS: ObjectText<keyof Address> = {
  description: 'An address in Australia. Its street is in the structured street address.',
  source: PUBLISHED,
  fields: {
    administrative_area: { description: 'The state or territory.', example: 'NSW' },
    country: { description: 'The country.', example: 'AU' },
    delivery_point_identifier: {
      description: 'Australia Post’s identifier of the delivery point (DPID).',
      example: '51234568',
    },
    dependent_locality: { description: 'A part of the locality.', example: 'East' },
    locality: { description: 'The suburb, town or city.', example: 'MOREE' },
    postal_code: {
      description: 'The postcode. It is not checked against the state: postcodes cross state borders.',
      example: '2400',
    },
    sorting_code: { description: 'A code for sorting post.', example: 'S1' },
    street_address: {
      description:
        'Leave it blank: the structured street address is required, and an address has only one of the two.',
      example: '',
    },
    structured_street_address: {
      description: 'The street, postal delivery, lot, property name or location.',
    },
  },
};

export const STREET_ADDRESS: ObjectText<keyof StructuredStreetAddress> = {
  description:
    'Where in the locality: it needs at least one of street_name, postal_delivery_type, lot_number, building_or_property_name and location_descriptor.',
  source: PUBLISHED,
  fields: {
    building_or_property_name: {
      description: 'The name of a building or property, on at most two lines.',
      example: 'Red Gums',
    },
    flat_or_unit_number: {
      description: 'The number of the flat or unit. Needs flat_or_unit_type.',
      example: '1',
    },
    flat_or_unit_type: { description: 'What the flat or unit is.', example: 'U' },
    floor_or_level_number: {
      description: 'The number of the floor or level. Needs floor_or_level_type.',
      example: '2',
    },
    floor_or_level_type: { description: 'What the floor or level is.', example: 'L' },
    house_number_1: {
      description: 'The house number, or the first of a range. Needs street_name.',
      example: 11,
    },
    house_number_2: { description: 'The last house number of a range. Needs house_number_1.', example: 13 },
    house_number_suffix_1: { description: 'The letter after house_number_1.', example: 'A' },
    house_number_suffix_2: { description: 'The letter after house_number_2.', example: 'B' },
    location_descriptor: {
      description: 'How to find the place where there is no street address.',
      example: 'Corner of Queen’s Road and the creek',
    },
    lot_number: { description: 'The number of the lot, for land without a house number.', example: '12' },
    postal_delivery_number_prefix: {
      description: 'The letters before a postal delivery’s number. Needs postal_delivery_number_value.',
      example: 'A',
    },
    postal_delivery_number_suffix: {
      description: 'The letters after a postal delivery’s number. Needs postal_delivery_number_value.',
      example: 'BC',
    },
    postal_delivery_number_value: {
      description: 'The number of a post office box or another postal delivery. Needs postal_delivery_type.',
      example: 111,
    },
    postal_delivery_type: {
      description: 'What kind of postal delivery it is, such as a post office box.',
      example: 'PO BOX',
    },
    street_name: { description: 'The name of the street without its type.', example: 'Queen’s' },
    street_suffix: {
      description: 'What follows the street’s type, such as a direction. Needs street_name.',
      example: 'N',
    },
    street_type: { description: 'The type of the street, such as Road. Needs street_name.', example: 'RD' },
  },
};
