import parsePhoneNumber, { type MetadataJson, type NumberType } from 'libphonenumber-js/core';
import metadata from './generated/phone-metadata.json' with { type: 'json' };
import { withAsciiDigits } from './python-text.ts';

/** Returns the type of an Australian number as libphonenumber does, or undefined for other text and foreign numbers. */
export function australianNumberType(text: string): NumberType {
  const national = COMMON_FORMAT.exec(text)?.[1]?.replaceAll(' ', '');
  if (national === undefined) return libraryNumberType(text);
  if (MOBILE.test(national)) return 'MOBILE';
  return FIXED_LINE.test(national) ? 'FIXED_LINE' : undefined;
}

/**
 * Returns the same for any format, by libphonenumber-js. Upstream's port of libphonenumber also reads the digits of every script. It
 * reads three or more letters as keypad digits, as in "1300 FLOWER". Such text is invalid here, because in practice the letters are a
 * note, as in "0488 008 221 home", which upstream rejects as too long.
 */
export function libraryNumberType(text: string): NumberType {
  if (text.length > LENGTH_MAX) return undefined;
  const number = withAsciiDigits(text);
  const [withoutParameters] = number.split(';', 1) as [string];
  if (THREE_LETTERS.test(withoutParameters.replace(EXTENSION, ''))) return undefined;
  return parsePhoneNumber(number, 'AU', AUSTRALIA)?.getType();
}

const AUSTRALIA = metadata as unknown as MetadataJson;

/** Nine digits after +61 or 0, with or without spaces. Full parsing takes 20 times as long as this match. */
const COMMON_FORMAT = /^(?:\+61 ?|0)([23478](?: ?[0-9]){8})$/;

// The second to last part of the metadata has a pattern for each type of number, beginning with fixed lines and mobiles.
const [[fixedLine], [mobile]] = metadata.countries.AU.at(-2) as [[string], [string]];
const FIXED_LINE = new RegExp(`^(?:${fixedLine})$`);
const MOBILE = new RegExp(`^(?:${mobile})$`);

const LENGTH_MAX = 250;
const THREE_LETTERS = /\d.*?[a-z].*?[a-z].*?[a-z]/i;
const EXTENSION = /(?:e?xt(?:ensi[oó])?n?|int|anexo)[:.]?[ ,-]*\d{1,20}#?$/i;
