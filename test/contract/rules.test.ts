import { describe, expect, test } from 'vitest';
import { ADDRESS, CONTACT, CUSTOMER, resultAt, STREET } from './requests.ts';

const customer = (fields: object) => resultAt(CUSTOMER, { account_roles: ['ADMIN'], ...fields });

describe('email addresses', () => {
  test.each([
    'a.b+c@d-e.example',
    "o'neil@example.co.uk",
    'a@localhost',
    '"a\\ b@c"@example.com',
    'a@[127.0.0.1]',
    'a@[::1]',
    'a@[::ffff:1.2.3.4]',
    'a@münchen.de',
    'a@xn--mnchen-3ya.de',
    'a@b.xn--p1ai',
    'a@tester.com',
    'testing@example.com',
    'a@sub.test.com',
    `a@${'b'.repeat(63)}.com`,
  ])('%s is valid', (email) => {
    expect(customer({ email })).toHaveProperty('data.email', email);
  });

  test.each([
    'a',
    '@example.com',
    'a@',
    'a..b@example.com',
    '"a b"@example.com',
    '.a@example.com',
    'ü@example.com',
    'a@LOCALHOST',
    'a@b.c',
    'a@b.12',
    'a@b.com.',
    'a@-b.com',
    'a@b-.com',
    'a@b_c.com',
    'a@😀.com',
    'a@[1.2.3.256]',
    'a@[01.2.3.4]',
    'a@[1::2::3]',
    'a@[fe80::1%eth0]',
    `a@${'b'.repeat(64)}.com`,
  ])('%s is invalid', (email) => {
    expect(customer({ email })).toStrictEqual({ errors: { email: ['Enter a valid email address.'] } });
  });

  test.each(['Test@example.com', 'xxx@a.b.com', 'a@TEST.com', 'a@test.co.uk', 'a@b.xx', 'a@b.XXX'])(
    '%s is a test address, which is valid for an outage contact but not for a customer',
    (email) => {
      expect(customer({ email })).toStrictEqual({
        errors: { email: [`${email} may be a test email address.`] },
      });
      expect(resultAt([...CONTACT, 'email_address'], email)).toStrictEqual({ data: email });
    },
  );

  test('have all their errors reported, the format last', () => {
    const email = `test@${'a'.repeat(400)}\0`;
    expect(customer({ email })).toStrictEqual({
      errors: {
        email: [
          `${email} may be a test email address.`,
          'Ensure this field has no more than 254 characters.',
          'Null characters are not allowed.',
          'Enter a valid email address.',
        ],
      },
    });
  });
});

describe('a customer', () => {
  test.each([
    ['The', 'Occupier'],
    ['', 'the occupier'],
    ['THE OCCUPIER', ''],
  ])('may not be named %j %j', (given_name, family_name) => {
    expect(customer({ given_name, family_name })).toStrictEqual({
      errors: { non_field_errors: ['A customer may not be named "The Occupier".'] },
    });
  });

  test('may have a similar name', () => {
    expect(customer({ given_name: 'Theo', family_name: 'Occupier' })).toHaveProperty(
      'data.given_name',
      'Theo',
    );
  });
});

describe('an outage contact’s phone', () => {
  const invalid = (number: string) => ({ errors: { number: [`${number} is not a valid phone number`] } });

  test.each([
    [{ number: '80082213', prefix: '02', service_type: 'FIXED_VOICE' }],
    [{ number: '0488008221', prefix: '+61', service_type: 'MOBILE_VOICE' }],
    [{ number: '488008221', prefix: '+61', service_type: 'MOBILE_VOICE' }],
    [{ number: '88008221', prefix: '04', service_type: 'MOBILE_VOICE' }],
    [{ number: '131234', service_type: 'FIXED_VOICE' }],
    [{ number: '1300 123 456', prefix: '', service_type: 'FAX' }],
  ])('may be %j', (phone) => {
    expect(resultAt([...CONTACT, 'phone_1'], phone)).toStrictEqual({ data: phone });
  });

  test.each([
    [{ number: '80082213', prefix: '+61', service_type: 'FIXED_VOICE' }],
    [{ number: '80082213', prefix: '02', service_type: 'MOBILE_VOICE' }],
    [{ number: '131234', prefix: '02', service_type: 'FIXED_VOICE' }],
    [{ number: '+442079460000', service_type: 'FIXED_VOICE' }],
  ])('may not be %j', (phone) => {
    expect(resultAt([...CONTACT, 'phone_1'], phone)).toStrictEqual(invalid(phone.number));
  });
});

describe('a structured street address', () => {
  test('reports the first missing field that another one requires', () => {
    expect(resultAt(STREET, { flat_or_unit_number: '1', house_number_suffix_2: 'B' })).toStrictEqual({
      errors: { flat_or_unit_type: ['This field is required when flat_or_unit_number is provided.'] },
    });
  });

  test('treats the house number 0 as given, and blank text as absent', () => {
    const address = { house_number_1: 0, house_number_suffix_1: 'A', street_name: 'High', lot_number: '' };
    expect(resultAt(STREET, address)).toStrictEqual({ data: address });
  });

  test.each(['street_name', 'lot_number', 'building_or_property_name', 'location_descriptor'])(
    'is valid with only a %s, unless it is blank',
    (field) => {
      const message = 'The address has no street, postal delivery, lot, property name or location.';
      expect(resultAt(STREET, { [field]: '1' })).toStrictEqual({ data: { [field]: '1' } });
      expect(resultAt(STREET, { [field]: ' ' })).toStrictEqual({ errors: { non_field_errors: [message] } });
    },
  );

  test('checks its fields first, then the fields that they require, then the surrounding address', () => {
    const street = { house_number_2: 3 };
    const address = {
      administrative_area: 'NSW',
      country: 'AU',
      locality: 'MOREE',
      postal_code: '2400',
      street_address: '1 High Street',
    };
    expect(resultAt(ADDRESS, { ...address, structured_street_address: street })).toStrictEqual({
      errors: {
        structured_street_address: {
          house_number_1: ['This field is required when house_number_2 is provided.'],
        },
      },
    });
    expect(resultAt(STREET, { ...street, lot_number: '-' })).toStrictEqual({
      errors: { lot_number: ['- is not a valid number.'] },
    });
  });

  test('allows two lines of thirty characters, counted in code points', () => {
    const path = [...STREET, 'building_or_property_name'];
    const line = '😀'.repeat(29);
    expect(resultAt(path, `${line}\n${line}x`)).toStrictEqual({ data: `${line}\n${line}x` });
    expect(resultAt(path, 'a\n\nb')).toHaveProperty('errors');
  });
});
