import type * as v from 'valibot';
import { nullable, optional } from 'valibot';
import { Address } from './address.ts';
import { codes } from './codes.ts';
import { isTestAddress } from './email-address.ts';
import { FieldError, NON_FIELD_ERRORS } from './field.ts';
import { nested, valuesOf } from './nested.ts';
import { australianNumberType, invalidPhoneNumber } from './phone-number.ts';
import { choice } from './scalars.ts';
import { email, type TextRule, text } from './text.ts';

const mobile = numberOfType('MOBILE');
const fixedLine = numberOfType('FIXED_LINE');

const notATestAddress: TextRule = (text) =>
  isTestAddress(text) ? `${text} may be a test email address.` : undefined;

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
);
export type Customer = v.InferOutput<typeof Customer>;

const THE_OCCUPIER = new FieldError('A customer may not be named "The Occupier".', NON_FIELD_ERRORS);

function isTheOccupier(givenName: string, familyName: string): boolean {
  return `${givenName} ${familyName}`.trim().toLowerCase() === 'the occupier';
}

function numberOfType(type: 'MOBILE' | 'FIXED_LINE'): TextRule {
  return (text) => (australianNumberType(text) === type ? undefined : invalidPhoneNumber(text));
}
