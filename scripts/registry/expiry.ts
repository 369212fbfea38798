import { WrongUse } from '../command/command.ts';

const EXPIRY = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * Reads when something expires: a date, which means its first moment in UTC, or a date-time with an offset (ISO 8601).
 * Answers epoch ms.
 *
 * @throws WrongUse for what is neither, and for what is not after `now`.
 */
export function readExpiry(option: string, text: string, now: number): number {
  const date = EXPIRY.exec(text)?.[1];
  const at = date === undefined || !isReal(date) ? Number.NaN : Date.parse(text);
  if (Number.isNaN(at)) {
    throw new WrongUse(
      `${option} must be a date such as 2027-01-31, or a time such as 2027-01-31T18:00:00+11:00, not ${JSON.stringify(text)}.`,
    );
  }
  if (at <= now) throw new WrongUse(`${option} ${text} is not in the future.`);
  return at;
}

/** Whether there is such a day: Date takes the 30th of February for the 2nd of March. */
function isReal(date: string): boolean {
  const at = Date.parse(date);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date);
}
