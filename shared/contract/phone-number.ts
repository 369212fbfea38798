import parsePhoneNumber, { type MetadataJson, type NumberType } from 'libphonenumber-js/core';
import metadata from './generated/phone-metadata.json' with { type: 'json' };
import { withAsciiDigits } from './python-text.ts';

/** What kind of Australian number the text is, as libphonenumber reads it; undefined where it is none, or a foreign one. */
export function australianNumberType(text: string): NumberType {
  const national = COMMON_WRITING.exec(text)?.[1]?.replaceAll(' ', '');
  if (national === undefined) return libraryNumberType(text);
  if (MOBILE.test(national)) return 'MOBILE';
  return FIXED_LINE.test(national) ? 'FIXED_LINE' : undefined;
}

/**
 * The same, by libphonenumber-js alone, for every way to write a number. Upstream's port of libphonenumber also reads the
 * digits of every script; and from three letters on, as in "1300 FLOWER", it reads letters as the digits beside them on a
 * keypad. Such a number is refused here: what the port mostly sees is "0488 008 221 home", which is then too long for one.
 */
export function libraryNumberType(text: string): NumberType {
  if (text.length > LENGTH_MAX) return undefined;
  const number = withAsciiDigits(text);
  const [withoutParameters] = number.split(';', 1) as [string];
  if (THREE_LETTERS.test(withoutParameters.replace(EXTENSION, ''))) return undefined;
  return parsePhoneNumber(number, 'AU', AUSTRALIA)?.getType();
}

/** The message that a number which is none earns; unlike others, upstream's has no full stop. */
export const invalidPhoneNumber = (text: string) => `${text} is not a valid phone number`;

const AUSTRALIA = metadata as unknown as MetadataJson;

/** Nine digits after +61 or 0, perhaps with spaces: parsing these in full takes 20 times as long as matching them. */
const COMMON_WRITING = /^(?:\+61 ?|0)([23478](?: ?[0-9]){8})$/;

// The last but one part of the metadata has the pattern of each type of number: fixed lines first, mobiles second.
const [[fixedLine], [mobile]] = metadata.countries.AU.at(-2) as [[string], [string]];
const FIXED_LINE = new RegExp(`^(?:${fixedLine})$`);
const MOBILE = new RegExp(`^(?:${mobile})$`);

const LENGTH_MAX = 250;
const THREE_LETTERS = /\d.*?[a-z].*?[a-z].*?[a-z]/i;
const EXTENSION = /(?:e?xt(?:ensi[oó])?n?|int|anexo)[:.]?[ ,-]*\d{1,20}#?$/i;
