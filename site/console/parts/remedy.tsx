import { findError, useCatalogue } from '../errors.ts';

/** What to do about an error, with a link to the reference. Nothing for errors that the reference does not have, such as those of scenarios. */
export function Remedy({ error }: { error: string }) {
  const known = findError(useCatalogue(), error);
  if (known === undefined) return null;
  return (
    <span class="remedy">
      {known.remedy.replaceAll('`', '')} <a href={`../docs/errors/#${known.id}`}>More about it</a>
    </span>
  );
}
