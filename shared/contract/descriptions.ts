import type { InferOutput } from 'valibot';
import { ADDRESS, STREET_ADDRESS } from './address-descriptions.ts';
import type { Customer } from './customer.ts';
import { GUIDE, MARKET, type ObjectText, OURS, PUBLISHED } from './object-text.ts';
import type { OutageContact, PhoneNumber } from './outage-contact.ts';
import type { Account, SupplyPoint, SupplyPointImport } from './supply-point-import.ts';
import type { taskParameters } from './task-parameters.ts';

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

const TASK_PARAMETERS: ObjectText<keyof InferOutput<ReturnType<typeof taskParameters>>> = {
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

const REQUEST: ObjectText<'payload' | 'task_params'> = {
  description: 'A request.',
  source: GUIDE,
  fields: {
    payload: { description: 'The supply point to import.' },
    task_params: { description: 'Options of the import. Only create reads them.', source: PUBLISHED },
  },
};

/** The texts of each object, by the names of the fields that hold it. */
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
