import { readFileSync } from 'node:fs';
import { main, readRows } from '../scripts/command/command.ts';
import { parseJson } from '../shared/contract/python-json.ts';
import { validateRequest } from '../shared/contract/request.ts';

const USAGE = `npm run bench:validate [-- rows]

Prints the requests of the guide's size that one core parses and validates a second. Each request has its own identifier, names,
numbers, dates and addresses, derived from its index: every run measures the same work.

  rows     the number of requests (100000)
  --help   prints this`;

const suppliers = new Map([['TEST_SUPPLIER', 'open' as const]]);
const guide = readFileSync(new URL('../examples/guide-example.json', import.meta.url), 'utf8');

const NAMES = ['Amaroo', 'Banksia', 'Coolibah', 'Daintree', 'Eucalypt', 'Frangipani', 'Grevillea', 'Hakea'];
const NMI_CHARACTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ0123456789';

await main({ usage: USAGE, read: (args) => readRows(args, 100_000), run: measure });

function measure(rowCount: number): void {
  const rows = Array.from({ length: rowCount }, (_, index) => row(index));
  const megabytes = rows.reduce((sum, text) => sum + text.length, 0) / 1e6;
  for (const round of ['warm-up', 'measured', 'measured']) {
    const start = performance.now();
    for (const text of rows) {
      const result = validateRequest(parseJson(text), suppliers);
      if (!result.valid) throw new Error(`Invalid row: ${JSON.stringify(result.errors)}`);
    }
    const seconds = (performance.now() - start) / 1000;
    const rate = Math.round(rowCount / seconds).toLocaleString('en');
    const microseconds = ((seconds / rowCount) * 1e6).toFixed(1);
    console.log(
      `${round}: ${rate} rows/s, ${microseconds} µs a row, ${(megabytes / seconds).toFixed(0)} MB/s`,
    );
  }
}

function row(index: number): string {
  const request = JSON.parse(guide);
  const { payload } = request;
  const [account] = payload.accounts;
  const [customer] = account.customers;
  const contact = account.outage_contact;
  payload.supply_point.identifier = nmi(index);
  payload.supply_point.substation = `SUB ${index % 997}`;
  account.customer_at_supply_address_from_date = new Date(index * 3_600_000 + 1e12)
    .toISOString()
    .slice(0, 10);
  Object.assign(customer, person(index), { salutation: `Dear ${name(index)}` });
  customer.email = `${name(index)}.${index}@example${index % 89}.com`.toLowerCase();
  customer.mobile = `0488${digits(index, 6)}`;
  customer.landline = `+61 2 8${digits(index, 3)} ${digits(index >> 3, 4)}`;
  customer.postal_address.structured_street_address.postal_delivery_number_value = String(index);
  Object.assign(contact, person(index * 3 + 1), { email_address: `outage.${index}@example.org` });
  contact.phone_1.number = `0400${digits(index * 7, 6)}`;
  contact.phone_2.number = `04 11 ${digits(index * 11, 6)}`;
  Object.assign(contact.postal_address.structured_street_address, {
    house_number_1: String(index % 3000),
    street_name: `${name(index >> 2)} ${name(index)}`,
  });
  return JSON.stringify(request);
}

function person(seed: number) {
  return { given_name: name(seed), family_name: `${name(seed >> 3)}-${seed % 10_007}` };
}

function name(seed: number): string {
  return NAMES[seed % NAMES.length]!;
}

function digits(seed: number, length: number): string {
  return String((seed * 7919) % 10 ** length).padStart(length, '0');
}

function nmi(index: number): string {
  let text = '';
  for (let rest = index; text.length < 10; rest = Math.floor(rest / NMI_CHARACTERS.length)) {
    text = NMI_CHARACTERS[rest % NMI_CHARACTERS.length] + text;
  }
  return text;
}
