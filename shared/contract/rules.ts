/**
 * The messages of the contract's rules, by the rules' names. A placeholder such as `{value}` is replaced by what was sent or by a limit. The texts are Django REST
 * framework's, the guide's and the published schema's (source: the contract; the vectors have them all). remedies.ts says what to do.
 */
export const RULES = {
  required: 'This field is required.',
  null: 'This field may not be null.',
  no_data: 'No data provided',
  not_object: 'Invalid data. Expected a dictionary, but got {type}.',
  not_list: 'Expected a list of items but got type "{type}".',
  empty_list: 'This list may not be empty.',
  /** When every item is null, upstream reports the list of messages of each item as text, without its index. */
  null_items: "['This field may not be null.']",
  not_text: 'Not a valid string.',
  blank: 'This field may not be blank.',
  max_length: 'Ensure this field has no more than {max} characters.',
  null_character: 'Null characters are not allowed.',
  surrogate: 'Surrogate characters are not allowed: {surrogate}.',
  invalid_choice: '"{value}" is not a valid choice.',
  not_integer: 'A valid integer is required.',
  integer_too_long: 'String value too large.',
  min_value: 'Ensure this value is greater than or equal to {min}.',
  not_boolean: 'Must be a valid boolean.',
  not_date: 'Date has wrong format. Use one of these formats instead: YYYY-MM-DD.',
  not_date_time:
    'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].',
  invalid_local_time: 'Invalid datetime for the timezone "{zone}".',
  schedule_window_start_in_past: 'The schedule window start is in the past.',
  schedule_window_end_too_far_in_future: 'The schedule window end is more than {days} days in the future.',
  schedule_window_start__after_end: 'The schedule window start is after its end.',
  invalid_email: 'Enter a valid email address.',
  test_email: '{value} may be a test email address.',
  // Upstream's message has no full stop.
  not_mobile_number: '{value} is not a valid phone number',
  not_fixed_line_number: '{value} is not a valid phone number',
  invalid_phone_number: '{value} is not a valid phone number',
  invalid_identifier: '{value} is not a valid supply point identifier.',
  invalid_unit_number: '{value} is not a valid number.',
  invalid_lot_number: '{value} is not a valid number.',
  not_capitals: 'Ensure this field contains only capital letters A-Z.',
  invalid_postcode: '{value} is not a valid postcode.',
  invalid_delivery_point: 'Delivery point identifier may contain only capital letters and numbers.',
  more_than_two_lines: 'Ensure this field has at most 2 lines of no more than 30 characters each.',
  required_with: 'This field is required when {field} is provided.',
  no_location: 'The address has no street, postal delivery, lot, property name or location.',
  two_street_addresses: 'Provide either street_address or structured_street_address, not both.',
  the_occupier: 'A customer may not be named "The Occupier".',
} as const;
export type RuleName = keyof typeof RULES;

/** Returns a rule's message. `values` replace the placeholders of their names. */
export function messageOf(rule: RuleName, values: Readonly<Record<string, string | number>> = {}): string {
  return RULES[rule].replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    String(values[name] ?? placeholder),
  );
}
