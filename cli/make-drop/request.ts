import { addressIn, LOCALITIES } from './places.ts';
import type { Random } from './random.ts';

export type Request = ReturnType<typeof requestFor>;

const GIVEN_NAMES =
  `Mia Noah Charlotte Oliver Amelia Jack Isla Leo Ava Henry Grace Thuy Anh Priya Arjun Zoë Chloé José Siobhán
  Mei Wei Yasmin Ahmed Kirra Jarrah Lowanna Björn Agnieszka Nikolaos Tane Ngaire Fatima`.split(/\s+/);
const FAMILY_NAMES =
  `Smith Nguyen Jones Williams Brown Singh Wilson Taylor O'Brien D'Angelo Papadopoulos Kowalski Müller Yunupingu
  MacDonald Tran Chen Kaur Patel Haddad Campbell-Reid Ferreira Østergaard Taufa Walker`.split(/\s+/);
const TITLES = ['Mr', 'Mrs', 'Ms', 'Mx', 'Dr', 'Prof'];
const ACCOUNT_TYPES = ['DOMESTIC', 'BUSINESS', 'DOMESTIC_OCCUPIER', 'DOMESTIC_THIRD_PARTY_BILLED'];
const ROLES = ['ADMIN', 'OUTAGE_CONTACT', 'LIFE_SUPPORT_CONTACT', 'RECEIVES_INVOICES'];
const DAY_MS = 24 * 60 * 60 * 1000;
const FIRST_DAY = Date.UTC(2005, 0, 1);

/** A valid create request with an invented customer. */
export function requestFor(random: Random, identifier: string, supplier: string) {
  const place = random.pick(LOCALITIES);
  const family = random.pick(FAMILY_NAMES);
  return {
    payload: {
      import_supplier: supplier,
      supply_point: {
        identifier,
        supply_type: 'ELECTRICITY_DISTRIBUTION',
        ...(random.chance(0.8) ? { substation: random.digits(9) } : {}),
        ...(random.chance(0.7) ? { critical_load: random.chance(0.05) } : {}),
      },
      accounts: [
        {
          account_type: random.pick(ACCOUNT_TYPES),
          customer_at_supply_address_from_date: dayAfter(FIRST_DAY, random.integer(7000)),
          customers: Array.from({ length: random.chance(0.15) ? 2 : 1 }, () =>
            customer(random, family, place),
          ),
          ...(random.chance(0.95) ? { outage_contact: outageContact(random, family, place) } : {}),
        },
      ],
    },
  };
}

type Place = (typeof LOCALITIES)[number];

function customer(random: Random, family: string, place: Place) {
  const given = random.pick(GIVEN_NAMES);
  return {
    ...(random.chance(0.8) ? { title: random.pick(TITLES) } : {}),
    given_name: given,
    family_name: family,
    email: random.chance(0.9) ? email(random, given, family) : '',
    ...(random.chance(0.9) ? { mobile: mobile(random) } : {}),
    ...(random.chance(0.7) ? { landline: landline(random, place) } : {}),
    ...(random.chance(0.8) ? { salutation: `Dear ${given}` } : {}),
    account_roles: ROLES.slice(0, random.chance(0.15) ? 2 : 1),
    ...(random.chance(0.92) ? { postal_address: addressIn(random, place) } : {}),
  };
}

function outageContact(random: Random, family: string, place: Place) {
  const given = random.pick(GIVEN_NAMES);
  const number = mobile(random);
  const phone = random.chance(0.5) ? { number, prefix: '' } : { number: number.slice(1), prefix: '+61' };
  return {
    ...(random.chance(0.8) ? { title: random.pick(TITLES) } : {}),
    given_name: given,
    family_name: family,
    ...(random.chance(0.2) ? { suffix: 'JNR' } : {}),
    ...(random.chance(0.7) ? { name_type: random.pick(['LGL', 'PRF', 'AKA']) } : {}),
    phone_1: { ...phone, service_type: 'MOBILE_VOICE' },
    ...(random.chance(0.7)
      ? { phone_2: { number: landline(random, place), service_type: 'FIXED_VOICE' } }
      : {}),
    ...(random.chance(0.8) ? { email_address: email(random, given, family) } : {}),
    ...(random.chance(0.92) ? { postal_address: addressIn(random, place) } : {}),
  };
}

const mobile = (random: Random): string => `04${random.pick(['0', '1', '2', '3'])}${random.digits(7)}`;
const landline = (random: Random, { areaCodes }: Place): string =>
  `${random.pick(areaCodes)}${random.digits(7)}`;

/** An e-mail address with the name's letters without accents. */
function email(random: Random, given: string, family: string): string {
  const name = `${given}.${family}`
    .normalize('NFD')
    .replace(/ø/gi, 'o')
    .replace(/[^a-z.-]/gi, '');
  return `${name}${random.integer(1000)}@example.${random.pick(['com', 'net', 'org', 'com.au'])}`.toLowerCase();
}

const dayAfter = (start: number, days: number): string =>
  new Date(start + days * DAY_MS).toISOString().slice(0, 10);
