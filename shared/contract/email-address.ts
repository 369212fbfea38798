import { IPV4_REGEX, IPV6_REGEX } from 'valibot';
import { isLongerThan } from './python-text.ts';

/** Whether Django's EmailValidator accepts the address (source: django/core/validators.py, Django 5). */
export function isEmailAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at < 0 || isLongerThan(text, ADDRESS_LENGTH_MAX)) return false;
  const user = text.slice(0, at);
  const domain = text.slice(at + 1);
  return (DOT_ATOM.test(user) || QUOTED_STRING.test(user)) && isDomain(domain);
}

/** Whether upstream considers this a test address (source: the published schema's "email is not test address"). */
export function isTestAddress(text: string): boolean {
  return TEST_ADDRESS.test(text);
}

const ADDRESS_LENGTH_MAX = 320;
const TEST_ADDRESS = /^(?:test|xxx)@|(?:@test\.com|@test\.co\.uk|\.xxx?)$/i;

// With Python's IGNORECASE, a to z also match dotted capital I, dotless i, long s and the Kelvin sign.
const LETTER = 'A-Za-z\\u0130\\u0131\\u017f\\u212a';
const ATOM = `[-!#$%&'*+/=?^_\`{}|~0-9${LETTER}]+`;
const DOT_ATOM = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`);
const QUOTED_STRING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 5322 allows them inside quotes
  /^"(?:[\x01-\x08\x0b\x0c\x0e-\x1f!#-[\]-\x7f\u0130\u0131\u017f\u212a]|\\[\x01-\x09\x0b\x0c\x0e-\x7f\u0130\u0131\u017f\u212a])*"$/;

const HOST_LETTER = 'a-z\\u00a1-\\uffff';
const DOMAIN_NAME = new RegExp(
  `^[${HOST_LETTER}0-9](?:[${HOST_LETTER}0-9-]{0,61}[${HOST_LETTER}0-9])?` +
    `(?:\\.(?!-)[${HOST_LETTER}0-9-]{1,63}(?<!-))*` +
    `\\.(?!-)(?:[${HOST_LETTER}-]{2,63}|xn--[a-z0-9]{1,59})(?<!-)$`,
  'iu',
);

function isDomain(domain: string): boolean {
  if (domain === 'localhost' || DOMAIN_NAME.test(domain)) return true;
  const literal = /^\[([a-f0-9:.]+)\]$/i.exec(domain)?.[1];
  return literal !== undefined && (IPV4_REGEX.test(literal) || isIpv6(literal));
}

const IPV6_LENGTH_MAX = 39;
const isIpv6 = (address: string) => address.length <= IPV6_LENGTH_MAX && IPV6_REGEX.test(address);
