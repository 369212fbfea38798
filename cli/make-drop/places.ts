import type { Random } from './random.ts';

/** A real locality, for invented addresses. */
type Locality = { locality: string; area: string; postcode: string; areaCodes: readonly string[] };

const localities = (area: string, areaCodes: readonly string[], names: Record<string, string>): Locality[] =>
  Object.entries(names).map(([locality, postcode]) => ({ locality, area, postcode, areaCodes }));

// Area codes with the first digit of the numbers that are in use.
export const LOCALITIES: readonly Locality[] = [
  ...localities('NSW', ['026', '028', '029'], {
    MOREE: '2400',
    PARRAMATTA: '2150',
    'WAGGA WAGGA': '2650',
    NEWCASTLE: '2300',
    DUBBO: '2830',
    'BROKEN HILL': '2880',
  }),
  ...localities('VIC', ['035', '038', '039'], {
    NORTHCOTE: '3070',
    BALLARAT: '3350',
    GEELONG: '3220',
    FITZROY: '3065',
  }),
  ...localities('QLD', ['073', '074', '075'], { CAIRNS: '4870', TOOWOOMBA: '4350', MACKAY: '4740' }),
  ...localities('SA', ['087', '088'], { GLENELG: '5045', 'MOUNT GAMBIER': '5290' }),
  ...localities('WA', ['087', '088'], { FREMANTLE: '6160', KALGOORLIE: '6430' }),
  ...localities('TAS', ['035', '038'], { LAUNCESTON: '7250', HOBART: '7000' }),
  ...localities('NT', ['087', '088'], { 'ALICE SPRINGS': '0870', KATHERINE: '0850' }),
  ...localities('ACT', ['026', '028'], { BRADDON: '2612' }),
];

const STREETS = ['Banksia', 'Queen’s', "O'Connell", 'Station', 'Wattle', 'Murray River', 'Jacaranda', 'Mill'];
const STREET_TYPES = ['ST', 'RD', 'AVE', 'CT', 'CRES', 'PL', 'DR', 'LANE'];
const PROPERTIES = [
  'Red Gum House',
  'Wombat Hill\nThe Shearers’ Quarters',
  'Kurrajong Station',
  'The Old Bakery',
];
const DELIVERIES = ['PO BOX', 'LOCKED BAG', 'GPO BOX', 'PRIVATE BAG'];

/** An address in the contract's format. */
export function addressIn(random: Random, { locality, area, postcode }: Locality) {
  return {
    administrative_area: area,
    country: 'AU',
    ...(random.chance(0.8) ? { delivery_point_identifier: `5${random.digits(7)}` } : {}),
    ...(random.chance(0.7) ? { dependent_locality: random.chance(0.5) ? `${locality} EAST` : '' } : {}),
    locality,
    postal_code: postcode,
    ...(random.chance(0.6) ? { sorting_code: '' } : {}),
    ...(random.chance(0.7) ? { street_address: '' } : {}),
    structured_street_address: random.chance(0.2) ? delivery(random) : street(random),
  };
}

function delivery(random: Random) {
  return {
    ...(random.chance(0.1) ? { postal_delivery_number_prefix: 'A' } : {}),
    postal_delivery_number_value: String(1 + random.integer(9999)),
    postal_delivery_type: random.pick(DELIVERIES),
  };
}

function street(random: Random) {
  const number = 1 + random.integer(400);
  return {
    ...(random.chance(0.15) ? { building_or_property_name: random.pick(PROPERTIES) } : {}),
    ...(random.chance(0.35)
      ? {
          flat_or_unit_number: String(1 + random.integer(90)),
          flat_or_unit_type: random.pick(['U', 'APT', 'F']),
        }
      : {}),
    ...(random.chance(0.1)
      ? { floor_or_level_number: String(1 + random.integer(20)), floor_or_level_type: 'L' }
      : {}),
    house_number_1: random.chance(0.5) ? number : String(number),
    ...(random.chance(0.1) ? { house_number_2: number + 2 } : {}),
    ...(random.chance(0.1) ? { house_number_suffix_1: random.pick(['A', 'B']) } : {}),
    street_name: random.pick(STREETS),
    ...(random.chance(0.05) ? { street_suffix: random.pick(['N', 'S', 'E', 'W']) } : {}),
    street_type: random.pick(STREET_TYPES),
  };
}
