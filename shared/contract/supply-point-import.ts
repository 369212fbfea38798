import type * as v from 'valibot';
import { nullable, optional } from 'valibot';
import { type Codes, codes } from './codes.ts';
import { Customer } from './customer.ts';
import { listOf, nested } from './nested.ts';
import { OutageContact } from './outage-contact.ts';
import { boolean, choice, date } from './scalars.ts';
import { matches, text } from './text.ts';

const nmi = matches(/^[A-HJ-NP-Z0-9]{10}$/, 'invalid_identifier');

/** A supply point; its identifier is an NMI (source: the guide, and the market's NMI procedure). */
export const SupplyPoint = nested({
  identifier: text({ rules: [nmi] }),
  supply_type: choice(codes('supply_type')),
  substation: optional(text({ max: 128, blank: true })),
  critical_load: optional(boolean(), false),
});
export type SupplyPoint = v.InferOutput<typeof SupplyPoint>;

/** An account at the supply point (source: the guide's example and the published schema). */
export const Account = nested({
  account_type: choice(codes('account_type')),
  customer_at_supply_address_from_date: date(),
  customers: optional(listOf(Customer), () => []),
  outage_contact: optional(nullable(OutageContact)),
});
export type Account = v.InferOutput<typeof Account>;

/** Returns the schema of an import's payload, for a caller who may use these import suppliers. */
export function supplyPointImport(suppliers: Codes) {
  return nested({
    import_supplier: choice(suppliers),
    supply_point: SupplyPoint,
    accounts: optional(listOf(Account), () => []),
  });
}
export type SupplyPointImport = v.InferOutput<ReturnType<typeof supplyPointImport>>;
