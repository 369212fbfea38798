import type { Random } from './random.ts';

/** A file format: its beginning, the text of a request, the separator of requests, and its end. */
export type Format = {
  isJson: boolean;
  begin: string;
  between: string;
  end: string;
  text(request: object): string;
};

/** Breaks a row's JSON. Its braces still match: the end of the row stays recognizable. */
export const breakJson = (text: string, random: Random): string =>
  random.chance(0.5) ? text.replace('":', '"') : text.replace('{', '{,');

const STREET = `building_or_property_name flat_or_unit_number flat_or_unit_type floor_or_level_number floor_or_level_type
  house_number_1 house_number_2 house_number_suffix_1 lot_number postal_delivery_number_prefix
  postal_delivery_number_value postal_delivery_type street_name street_suffix street_type`;
const ADDRESS = `administrative_area country delivery_point_identifier dependent_locality locality postal_code sorting_code
  street_address`;

const under = (path: string, names: string): string[] => names.split(/\s+/).map((name) => `${path}.${name}`);
const address = (path: string): string[] => [
  ...under(path, ADDRESS),
  ...under(`${path}.structured_street_address`, STREET),
];
const customer = (path: string): string[] => [
  ...under(path, 'title given_name family_name email mobile landline salutation'),
  ...under(`${path}.account_roles`, '0 1'),
  ...address(`${path}.postal_address`),
];

/** The CSV columns: one for each value that a request may have. */
const COLUMNS: readonly string[] = [
  'task_params.schedule_window_start',
  'payload.import_supplier',
  ...under('payload.supply_point', 'identifier supply_type substation critical_load'),
  ...under('payload.accounts.0', 'account_type customer_at_supply_address_from_date'),
  ...customer('payload.accounts.0.customers.0'),
  ...customer('payload.accounts.0.customers.1'),
  ...under(
    'payload.accounts.0.outage_contact',
    'title given_name family_name suffix name_type email_address',
  ),
  ...under('payload.accounts.0.outage_contact.phone_1', 'number prefix service_type'),
  ...under('payload.accounts.0.outage_contact.phone_2', 'number service_type'),
  ...address('payload.accounts.0.outage_contact.postal_address'),
];

function csvRecord(request: object): string {
  const values = new Map<string, unknown>();
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) values.set(path, value);
    else
      for (const [name, inner] of Object.entries(value)) walk(inner, path === '' ? name : `${path}.${name}`);
  };
  walk(request, '');
  return COLUMNS.map((column) => cell(String(values.get(column) ?? ''))).join(',');
}

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const ndjson: Format = { isJson: true, begin: '', between: '\n', end: '\n', text: JSON.stringify };

export const FORMATS: Readonly<Record<string, Format>> = {
  ndjson,
  jsonl: ndjson,
  json: { isJson: true, begin: '[\n', between: ',\n', end: '\n]\n', text: JSON.stringify },
  csv: {
    isJson: false,
    begin: `${COLUMNS.join(',')}\n`,
    between: '\n',
    end: '\n',
    text: csvRecord,
  },
};
