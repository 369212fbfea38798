import type * as v from 'valibot';
import { nullable, optional } from 'valibot';
import { Address } from './address.ts';
import { codes } from './codes.ts';
import { isTestAddress } from './email-address.ts';
import { FieldError, NON_FIELD_ERRORS } from './field.ts';
import { nested, valuesOf } from './nested.ts';
import { australianNumberType } from './phone-number.ts';
import { messageOf } from './rules.ts';
import { choice } from './scalars.ts';
import { email, text, textRule } from './text.ts';

const mobile = textRule('not_mobile_number', (text) => australianNumberType(text) === 'MOBILE');
const fixedLine = textRule('not_fixed_line_number', (text) => australianNumberType(text) === 'FIXED_LINE');
const notATestAddress = textRule('test_email', (text) => !isTestAddress(text));

/** A person on an account (source: the published schema's AusCustomer). */
export const Customer = nested(
  {
    title: optional(nullable(choice(codes('title'), { blank: true })), ''),
    given_name: optional(text({ max: 255, blank: true }), ''),
    family_name: optional(text({ max: 255, blank: true }), ''),
    email: optional(nullable(email({ max: 254, blank: true, rules: [notATestAddress] }))),
    mobile: optional(nullable(text({ blank: true, rules: [mobile] })), ''),
    landline: optional(nullable(text({ blank: true, rules: [fixedLine] })), ''),
    salutation: optional(nullable(text({ max: 128, blank: true })), ''),
    account_roles: valuesOf(choice(codes('account_role'))),
    postal_address: optional(Address),
  },
  ({ given_name, family_name }) => (isTheOccupier(given_name, family_name) ? THE_OCCUPIER : undefined),
  [{ rule: 'the_occupier', under: NON_FIELD_ERRORS }],
);
export type Customer = v.InferOutput<typeof Customer>;

const THE_OCCUPIER = new FieldError(messageOf('the_occupier'), NON_FIELD_ERRORS);

function isTheOccupier(givenName: string, familyName: string): boolean {
  return `${givenName} ${familyName}`.trim().toLowerCase() === 'the occupier';
}
