import type { Address, StructuredStreetAddress } from './address.ts';
import type { Customer } from './customer.ts';
import type { OutageContact, PhoneNumber } from './outage-contact.ts';
import type { Account, SupplyPoint, SupplyPointImport } from './supply-point-import.ts';

/** What a field means, in plain English, and an example of a valid value. `source`: of its rules, if it is not the object's. */
export type FieldText = { description: string; example?: unknown; source?: string };

/** What an object means, the source of its rules, and its fields. */
type ObjectText<Field extends string> = {
  description: string;
  source: string;
  fields: Readonly<Record<Field, FieldText>>;
};

const GUIDE = 'Customer Migrations Guide: Supply Point Import';
const PUBLISHED = 'the field definitions that the platform publishes for another Australian tenant';
const MARKET = 'aseXML r44, the Australian energy market’s B2B schema';
const OURS = 'a decision of this replica';

const PAYLOAD: ObjectText<keyof SupplyPointImport> = {
  description: 'A supply point with its accounts.',
  source: GUIDE,
  fields: {
    import_supplier: {
      description:
        'The code of the import supplier: the business whose customers move. It must be one that the token may use, and its migration must be open. `GET /me/` lists them.',
      example: 'TEST_SUPPLIER',
    },
    supply_point: { description: 'The grid connection.' },
    accounts: {
      description:
        'The accounts at the supply point, with their customers. A supply point may have none, for example at vacant premises.',
    },
  },
};

const SUPPLY_POINT: ObjectText<keyof SupplyPoint> = {
  description: 'A connection to the grid, identified by its NMI.',
  source: GUIDE,
  fields: {
    identifier: {
      description:
        'The National Metering Identifier (NMI) without its check digit: ten characters, capitals and digits without the letters I and O. It is the identifier of the import in all other requests.',
      example: '4001248530',
      source: 'the Australian energy market’s NMI procedure',
    },
    supply_type: { description: 'What the supply point is for.', example: 'ELECTRICITY_DISTRIBUTION' },
    substation: {
      description: 'The substation that feeds the supply point, by its name or number at the distributor.',
      example: '123456789',
      source: OURS,
    },
    critical_load: {
      description:
        'Whether somebody at the supply point depends on electricity, such as for life support or in a hospital, so that an outage is critical.',
      example: false,
    },
  },
};

const ACCOUNT: ObjectText<keyof Account> = {
  description: 'An account at the supply point: who is supplied there, and from when on.',
  source: PUBLISHED,
  fields: {
    account_type: {
      description: 'What kind of account it is: who lives or works there, and who is billed.',
      example: 'DOMESTIC_THIRD_PARTY_BILLED',
    },
    customer_at_supply_address_from_date: {
      description: 'The day from which the customer has been at the supply address.',
      example: '2024-01-01',
    },
    customers: { description: 'The people on the account. The list may be empty.' },
    outage_contact: {
      description:
        'Whom to notify of outages, in the market’s format. It may be somebody else than the customers.',
    },
  },
};

const CUSTOMER: ObjectText<keyof Customer> = {
  description:
    'A person on an account. Nobody may be named “The Occupier”: leave the list of customers empty instead.',
  source: PUBLISHED,
  fields: {
    title: { description: 'The form of address.', example: 'Mr' },
    given_name: { description: 'The first name.', example: 'Mickey' },
    family_name: { description: 'The last name.', example: 'Mouse' },
    email: {
      description: 'The email address. Test addresses, such as those at test.com, are refused.',
      example: 'mrmickey@waltdisney.com',
    },
    mobile: {
      description:
        'An Australian mobile number, with or without +61 and spaces. It stays as it was sent. A fixed line belongs in `landline`.',
      example: '0488008221',
    },
    landline: {
      description:
        'An Australian fixed line with its area code, with or without +61 and spaces. It stays as it was sent. A mobile number belongs in `mobile`.',
      example: '+61280082213',
    },
    salutation: { description: 'How letters begin.', example: 'Hi' },
    account_roles: {
      description: 'What the person may do on the account, or is to be contacted for. At least one.',
      example: ['ADMIN'],
    },
    postal_address: { description: 'Where post is sent.' },
  },
};

const OUTAGE_CONTACT: ObjectText<keyof OutageContact> = {
  description: 'The person to notify of outages.',
  source: MARKET,
  fields: {
    title: { description: 'The form of address, as free text.', example: 'Mr' },
    given_name: { description: 'The first name.', example: 'Mickey' },
    family_name: { description: 'The last name.', example: 'Mouse' },
    suffix: { description: 'What follows the name, such as a degree.', example: 'OAM' },
    name_type: {
      description: 'What kind of name it is, such as the legal name or an alias.',
      example: 'AKA',
    },
    phone_1: { description: 'The first number to try.' },
    phone_2: { description: 'The second number to try.' },
    email_address: { description: 'The email address.', example: 'mrmickey1@waltdisney.com' },
    postal_address: { description: 'Where post is sent.' },
  },
};

const PHONE_NUMBER: ObjectText<keyof PhoneNumber> = {
  description: 'A phone number in the market’s format, in two parts.',
  source: MARKET,
  fields: {
    number: {
      description:
        'An Australian number. It is read after its prefix, or alone if the prefix is blank or `+61`. For MOBILE_VOICE it must be a mobile number.',
      example: '0400123123',
    },
    service_type: {
      description: 'What the number is: a mobile, a fixed line or another service.',
      example: 'MOBILE_VOICE',
    },
    prefix: { description: 'The area code, such as `02`, or `+61`.', example: '+61' },
  },
};

const ADDRESS: ObjectText<keyof Address> = {
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

const STREET_ADDRESS: ObjectText<keyof StructuredStreetAddress> = {
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

type TaskParameter = 'is_dry_run' | 'schedule_window_start' | 'schedule_window_end';
const TASK_PARAMETERS: ObjectText<TaskParameter> = {
  description: 'Options of the import.',
  source: PUBLISHED,
  fields: {
    is_dry_run: {
      description:
        'Does everything but create the supply point. The import ends DRY_RUN_SUCCEEDED or DRY_RUN_ERRORED.',
      example: true,
    },
    schedule_window_start: {
      description:
        'The earliest time at which the import may start; now if it is absent. A time without an offset is in the environment’s time zone.',
    },
    schedule_window_end: {
      description:
        'The end of the window, exclusive, at most four days ahead; four days from now if it is absent. An import that cannot start before fails with `schedule_window_missed`.',
    },
  },
};

type RequestField = 'payload' | 'task_params';
const REQUEST: ObjectText<RequestField> = {
  description: 'A request.',
  source: GUIDE,
  fields: {
    payload: { description: 'The supply point to import.' },
    task_params: { description: 'Options of the import. Only create reads them.', source: PUBLISHED },
  },
};

/** The texts of each object, by the path of the object. A path ends with the names of fields; lists add nothing to it. */
export const OBJECT_TEXTS = {
  request: REQUEST,
  payload: PAYLOAD,
  supply_point: SUPPLY_POINT,
  accounts: ACCOUNT,
  customers: CUSTOMER,
  outage_contact: OUTAGE_CONTACT,
  phone_1: PHONE_NUMBER,
  phone_2: PHONE_NUMBER,
  postal_address: ADDRESS,
  structured_street_address: STREET_ADDRESS,
  task_params: TASK_PARAMETERS,
} as const;

/** The names of the fields that hold objects, whose texts are in {@link OBJECT_TEXTS}. */
export type ObjectName = keyof typeof OBJECT_TEXTS;
