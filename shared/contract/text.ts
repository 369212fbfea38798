import { isEmailAddress } from './email-address.ts';
import { FieldError, field } from './field.ts';
import { isLongerThan, strip } from './python-text.ts';
import { isNumber, numberText } from './python-values.ts';

/** Answers the message that a text earns, or undefined. It never sees blank text. */
export type TextRule = (text: string) => string | undefined;

type TextOptions = {
  /** In code points. */
  max?: number;
  blank?: boolean;
  rules?: readonly TextRule[];
};

/** Text, or a number made text; trimmed. All broken rules are reported, the field's own first (DRF: CharField). */
export function text({ max, blank = false, rules = [] }: TextOptions = {}) {
  return textField('Not a valid string.', blank, [...rules, ...characterRules(max)]);
}

/** An email address as Django's EmailValidator takes it (DRF: EmailField). */
export function email({ max, blank = false, rules = [] }: TextOptions = {}) {
  const validAddress: TextRule = (text) => (isEmailAddress(text) ? undefined : INVALID_EMAIL);
  return textField(INVALID_EMAIL, blank, [...rules, ...characterRules(max), validAddress]);
}

/** The rule that a text matches a pattern; `{}` in the message stands for the text. */
export function matches(pattern: RegExp, message: string): TextRule {
  return (text) => (pattern.test(text) ? undefined : message.replace('{}', () => text));
}

const INVALID_EMAIL = 'Enter a valid email address.';

function textField(notText: string, blank: boolean, rules: readonly TextRule[]) {
  return field((value): string | FieldError => {
    if (typeof value !== 'string' && !isNumber(value)) return new FieldError(notText);
    const text = typeof value === 'string' ? strip(value) : numberText(value);
    if (text === '') return blank ? '' : new FieldError('This field may not be blank.');
    const messages = [];
    for (const rule of rules) {
      const message = rule(text);
      if (message !== undefined) messages.push(message);
    }
    return messages.length === 0 ? text : new FieldError(messages);
  });
}

function characterRules(max: number | undefined): TextRule[] {
  return max === undefined ? [noNullCharacter, noSurrogate] : [atMost(max), noNullCharacter, noSurrogate];
}

function atMost(max: number): TextRule {
  const message = `Ensure this field has no more than ${max} characters.`;
  return (text) => (isLongerThan(text, max) ? message : undefined);
}

const noNullCharacter: TextRule = (text) =>
  text.includes('\0') ? 'Null characters are not allowed.' : undefined;

const noSurrogate: TextRule = (text) => {
  if (text.isWellFormed()) return undefined;
  const [surrogate] = text.match(/\p{Surrogate}/u)!;
  return `Surrogate characters are not allowed: U+${surrogate.charCodeAt(0).toString(16).toUpperCase()}.`;
};
