import { CommandError } from '../command/command.ts';

const EXPIRY = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * Parses the expiry of an option (ISO 8601): a date, which means its midnight in UTC, or a date-time with an offset. Returns epoch ms.
 *
 * @throws CommandError for other text, and for a time that is not after `now` (epoch ms)
 */
export function readExpiry(option: string, text: string, now: number): number {
  const date = EXPIRY.exec(text)?.[1];
  const at = date === undefined || !isExistingDate(date) ? Number.NaN : Date.parse(text);
  if (Number.isNaN(at)) {
    throw new CommandError(
      `${option} must be a date such as 2027-01-31, or a time such as 2027-01-31T18:00:00+11:00, not ${JSON.stringify(text)}.`,
    );
  }
  if (at <= now) throw new CommandError(`${option} ${text} is not in the future.`);
  return at;
}

/** Whether the date exists. `Date.parse` accepts 30 February as 2 March. */
function isExistingDate(date: string): boolean {
  const at = Date.parse(date);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date);
}
