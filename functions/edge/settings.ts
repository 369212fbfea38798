import type { Lifetime } from '../../shared/aws/lifetime.ts';

/**
 * A function's setting: an environment variable that the template gives it.
 *
 * @throws Error at start where the template forgot it: on the laptop as in the cloud.
 */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`The environment variable ${name} is not set.`);
  return value;
}

/** A setting that is a number of seconds, as milliseconds. */
export function secondsSetting(name: string): number {
  const seconds = Number(setting(name));
  if (!Number.isFinite(seconds)) throw new Error(`The environment variable ${name} is no number of seconds.`);
  return seconds * 1000;
}

/** How long a table's items are kept: the setting is a number of days; absent where they never expire. */
export function lifetimeSetting(name: string): Lifetime {
  const days = process.env[name];
  const keptDays = days === undefined ? undefined : Number(days);
  if (keptDays !== undefined && !(keptDays > 0))
    throw new Error(`The environment variable ${name} is no number of days.`);
  return { keptDays, clock: () => Date.now() };
}
