import type { RuleName } from './rules.ts';

/** What to do about an error, by the rule that it comes from. */
export const REMEDIES: Readonly<Record<RuleName, string>> = {
  required:
    'Send the field. Names of fields are in lower case; `X-Ignored-Fields` in the response lists misspelt ones.',
  null: 'Leave the field out, or send a value.',
  no_data: 'Send an object with a `payload`, not null.',
  not_object: 'Send an object: `{…}`.',
  not_list: 'Send a list: `[…]`, even for one item.',
  empty_list: 'Send at least one item.',
  null_items: 'Leave out the nulls, or send an empty list.',
  not_text: 'Send text or a number, not true, false, a list or an object.',
  blank: 'Send text that is more than white space.',
  max_length: 'Shorten the text. White space around it does not count.',
  null_character:
    'Remove the null characters (U+0000). They often come from fields of fixed length in an export.',
  surrogate:
    'Write the file as valid UTF-8. Half of a character outside the basic plane was sent, often by text that was cut.',
  invalid_choice: 'Send one of the listed codes. Upper and lower case matter, and so does white space.',
  not_integer: 'Send a whole number, as a number or as text. Letters after it belong in the suffix.',
  integer_too_long: 'Send a number of at most 1000 digits.',
  min_value: 'Send a number that is not below the limit.',
  not_boolean: 'Send true or false.',
  not_date: 'Write the date as YYYY-MM-DD, such as 2024-01-31, without a time.',
  not_date_time: 'Write the time in ISO 8601, such as 2026-01-31T09:00:00+11:00.',
  invalid_local_time: 'Send an offset: the clocks skip this local time, or pass it twice.',
  schedule_window_start_in_past: 'Send a start in the future, or leave it out to start now.',
  schedule_window_end_too_far_in_future: 'Send an earlier end, or leave it out.',
  schedule_window_start__after_end: 'Send an end that is after the start.',
  invalid_email:
    'Send one address, such as name@example.com, without a display name. Leave the field blank if there is none.',
  test_email: 'Send the customer’s own address, or leave the field blank.',
  not_mobile_number:
    'Send an Australian mobile number, such as 0488 008 221. A fixed line belongs in `landline`.',
  not_fixed_line_number:
    'Send an Australian fixed line with its area code, such as 02 8008 2213. A mobile number belongs in `mobile`.',
  invalid_phone_number:
    'Send an Australian number without notes. The prefix is put before it, unless it is blank or +61. MOBILE_VOICE needs a mobile number.',
  invalid_identifier:
    'Send the NMI’s ten characters without its check digit: capitals and digits, no I or O.',
  invalid_unit_number: 'Send digits, with letters only before or after them, such as 12A.',
  invalid_lot_number: 'Send only letters, digits and dots.',
  not_capitals: 'Send only capital letters A to Z.',
  invalid_postcode: 'Send four digits. Spreadsheets drop a leading zero: 0800, not 800.',
  invalid_delivery_point: 'Send only capital letters and digits.',
  more_than_two_lines: 'Break the name into at most two lines of 30 characters.',
  required_with: 'Send the named field too, or leave this one out.',
  no_location:
    'Send a street_name, postal_delivery_type, lot_number, building_or_property_name or location_descriptor.',
  two_street_addresses: 'Leave street_address blank.',
  the_occupier:
    'Leave out the customer: premises without a known customer have an account without customers.',
};
