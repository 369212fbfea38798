import { isEmailAddress } from './email-address.ts';
import { FieldError, field } from './field.ts';
import { isLongerThan, strip } from './python-text.ts';
import { isNumber, numberText } from './python-values.ts';

/** Returns the error message of a text, or undefined when it is valid. The text is not blank. */
export type TextRule = (text: string) => string | undefined;

type TextOptions = {
  /** In code points. */
  max?: number;
  blank?: boolean;
  rules?: readonly TextRule[];
};

/** Returns the schema of trimmed text, also given as a number. All errors are reported, those of `rules` first (DRF: CharField). */
export function text({ max, blank = false, rules = [] }: TextOptions = {}) {
  return textField('Not a valid string.', blank, [...rules, ...characterRules(max)]);
}

/** Returns the schema of an email address that Django's EmailValidator accepts (DRF: EmailField). */
export function email({ max, blank = false, rules = [] }: TextOptions = {}) {
  const validAddress: TextRule = (text) => (isEmailAddress(text) ? undefined : INVALID_EMAIL);
  return textField(INVALID_EMAIL, blank, [...rules, ...characterRules(max), validAddress]);
}

/** Returns the rule that a text matches a pattern. `{}` in the message is replaced by the text. */
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
