import { RULES, type RuleName } from './rules.ts';

const PATTERNS = (Object.entries(RULES) as [RuleName, string][]).map(
  ([rule, message]) => [rule, new RegExp(`^${patternOf(message)}$`, 's')] as const,
);

function patternOf(message: string): string {
  const literal = message.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return literal.replace(/\{\w+\}/g, '.*');
}

/** The rules whose message other rules have too, by the fields that they apply to. */
const RULE_OF_FIELD: Readonly<Record<string, RuleName>> = {
  mobile: 'not_mobile_number',
  landline: 'not_fixed_line_number',
  number: 'invalid_phone_number',
  lot_number: 'invalid_lot_number',
};

/**
 * Returns the rule that a message comes from, or undefined for a message of no rule. Values in the message may be replaced by `…`.
 *
 * @param field the field's name, which decides between rules with the same message
 */
export function ruleOf(field: string, message: string): RuleName | undefined {
  const rules = PATTERNS.filter(([, pattern]) => pattern.test(message)).map(([rule]) => rule);
  return rules.find((rule) => rule === RULE_OF_FIELD[field]) ?? rules[0];
}
