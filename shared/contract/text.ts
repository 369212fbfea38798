import { isEmailAddress } from './email-address.ts';
import { FieldError, field, type TextRule } from './field.ts';
import { isLongerThan, strip } from './python-text.ts';
import { isNumber, numberText } from './python-values.ts';
import { messageOf, type RuleName } from './rules.ts';

type TextOptions = {
  /** In code points. */
  max?: number;
  blank?: boolean;
  rules?: readonly TextRule[];
};

/** Returns the schema of trimmed text, also given as a number. All errors are reported, those of `rules` first (DRF: CharField). */
export function text({ max, blank = false, rules = [] }: TextOptions = {}) {
  return textField(
    { kind: 'text', max, blank, rules: [...rules, ...characterRules(max)] },
    messageOf('not_text'),
  );
}

/** Returns the schema of an email address that Django's EmailValidator accepts (DRF: EmailField). */
export function email({ max, blank = false, rules = [] }: TextOptions = {}) {
  const facts = {
    kind: 'email',
    max,
    blank,
    rules: [...rules, ...characterRules(max), validAddress],
  } as const;
  return textField(facts, messageOf('invalid_email'));
}

/** Returns a rule by a predicate. */
export function textRule(rule: RuleName, isMet: (text: string) => boolean): TextRule {
  return { rule, check: (text) => (isMet(text) ? undefined : messageOf(rule, { value: text })) };
}

/** Returns the rule that a text matches a pattern. */
export function matches(pattern: RegExp, rule: RuleName): TextRule {
  return { ...textRule(rule, (text) => pattern.test(text)), pattern };
}

const validAddress = textRule('invalid_email', isEmailAddress);

type TextFacts = {
  kind: 'text' | 'email';
  max: number | undefined;
  blank: boolean;
  rules: readonly TextRule[];
};

function textField(facts: TextFacts, notText: string) {
  const { blank, rules } = facts;
  return field(facts, (value): string | FieldError => {
    if (typeof value !== 'string' && !isNumber(value)) return new FieldError(notText);
    const text = typeof value === 'string' ? strip(value) : numberText(value);
    if (text === '') return blank ? '' : new FieldError(messageOf('blank'));
    const messages = [];
    for (const { check } of rules) {
      const message = check(text);
      if (message !== undefined) messages.push(message);
    }
    return messages.length === 0 ? text : new FieldError(messages);
  });
}

function characterRules(max: number | undefined): TextRule[] {
  return max === undefined ? [noNullCharacter, noSurrogate] : [atMost(max), noNullCharacter, noSurrogate];
}

function atMost(max: number): TextRule {
  const message = messageOf('max_length', { max });
  return { rule: 'max_length', check: (text) => (isLongerThan(text, max) ? message : undefined) };
}

const noNullCharacter = textRule('null_character', (text) => !text.includes('\0'));

const noSurrogate: TextRule = {
  rule: 'surrogate',
  check(text) {
    if (text.isWellFormed()) return undefined;
    const [surrogate] = text.match(/\p{Surrogate}/u)!;
    return messageOf('surrogate', { surrogate: `U+${surrogate.charCodeAt(0).toString(16).toUpperCase()}` });
  },
};
