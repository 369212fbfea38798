import { useEffect, useState } from 'preact/hooks';

/** An error of the reference's catalogue. `message` has `{…}` in the places of values. build.ts writes them to errors.json. */
export type KnownError = { id: string; code: string; message: string; where: string; remedy: string };

let loaded: Promise<readonly KnownError[]> | undefined;

/** Loads the catalogue once. Without it remedies are missing, and nothing else. */
const catalogue = (): Promise<readonly KnownError[]> => {
  loaded ??= fetch('assets/errors.json')
    .then((response) => response.json() as Promise<KnownError[]>)
    .catch(() => {
      loaded = undefined;
      return [];
    });
  return loaded;
};

/** The catalogue of errors; empty until it is loaded. */
export function useCatalogue(): readonly KnownError[] {
  const [errors, setErrors] = useState<readonly KnownError[]>([]);
  useEffect(() => {
    void catalogue().then(setErrors);
  }, []);
  return errors;
}

/**
 * Finds an error of a drop's status or of a row in the catalogue: `accounts.*.title: … is not a valid choice.`, or `field: code` for errors with
 * a code.
 */
export function findError(errors: readonly KnownError[], error: string): KnownError | undefined {
  const end = error.indexOf(': ');
  const text = end < 0 ? error : error.slice(end + 2);
  return (
    errors.find(({ code }) => code === text || code === error) ??
    errors.find(({ where, message }) => where === 'field' && patternOf(message)?.test(text))
  );
}

/** The pattern of a message; undefined for one that is all placeholder. Drops have `…` in place of a quoted value, without its quotes. */
function patternOf(message: string): RegExp | undefined {
  if (/^\{\w+\}$/.test(message)) return undefined;
  const parts = message.split(/"?\{\w+\}"?/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}$`, 's');
}
