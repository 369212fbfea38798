import type { Lifetime } from '../../shared/aws/lifetime.ts';

/**
 * Reads an environment variable that the template sets for the function.
 *
 * @throws Error if it is not set. Functions read their settings when they start, so a missing one is found at once.
 */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`The environment variable ${name} is not set.`);
  return value;
}

/** Reads a setting in seconds. Returns milliseconds. @throws Error if it is not a number */
export function secondsSetting(name: string): number {
  const seconds = Number(setting(name));
  if (!Number.isFinite(seconds))
    throw new Error(`The environment variable ${name} is not a number of seconds.`);
  return seconds * 1000;
}

/** Reads how long a table's items are kept, in days. They never expire if it is not set. @throws Error if it is not a positive number */
export function lifetimeSetting(name: string): Lifetime {
  const days = process.env[name];
  const keptDays = days === undefined ? undefined : Number(days);
  if (keptDays !== undefined && !(keptDays > 0))
    throw new Error(`The environment variable ${name} is not a number of days.`);
  return { keptDays, clock: () => Date.now() };
}
