import type * as v from 'valibot';
import { nullable, optional } from 'valibot';
import { Address } from './address.ts';
import { codes } from './codes.ts';
import { FieldError } from './field.ts';
import { nested } from './nested.ts';
import { australianNumberType } from './phone-number.ts';
import { messageOf } from './rules.ts';
import { choice } from './scalars.ts';
import { email, text } from './text.ts';

/** A phone number in the market's format, with a separate prefix (source: aseXML r44, AustralianPhoneNumber). */
export const PhoneNumber = nested(
  {
    number: text({ max: 15 }),
    service_type: choice(codes('phone_service_type')),
    prefix: optional(text({ max: 4, blank: true })),
  },
  (phone) => invalidNumber(phone),
  [{ rule: 'invalid_phone_number', under: 'number' }],
);
export type PhoneNumber = v.InferOutput<typeof PhoneNumber>;

/** The person to notify of outages (source: aseXML r44, PersonName). */
export const OutageContact = nested({
  title: optional(text({ max: 12, blank: true }), ''),
  given_name: optional(text({ max: 40, blank: true }), ''),
  family_name: optional(text({ max: 40, blank: true }), ''),
  suffix: optional(text({ max: 12, blank: true })),
  name_type: optional(choice(codes('name_type'))),
  phone_1: optional(PhoneNumber),
  phone_2: optional(PhoneNumber),
  email_address: optional(nullable(email({ max: 254, blank: true }))),
  postal_address: optional(Address),
});
export type OutageContact = v.InferOutput<typeof OutageContact>;

type PhoneFields = { number: string; prefix?: string | undefined; service_type: string };

/** Checks the number with its prefix, or without it when the prefix is blank or that of Australia. */
function invalidNumber({ number, prefix = '', service_type }: PhoneFields): FieldError | undefined {
  const type = australianNumberType(prefix === '+61' ? number : prefix + number);
  const isValid = service_type === 'MOBILE_VOICE' ? type === 'MOBILE' : type !== undefined;
  return isValid ? undefined : new FieldError(messageOf('invalid_phone_number', { value: number }), 'number');
}
