/** Errors under the names of their fields, as a list. */
export function Errors({ errors }: { errors: unknown }) {
  const found = flat(errors);
  return (
    <ul class="plain">
      {found.map(([path, message]) => (
        <li key={`${path} ${message}`}>
          {path !== '' && <code>{path}</code>} {message}
        </li>
      ))}
    </ul>
  );
}

/** The leaves of errors with their paths. */
export function flat(errors: unknown, path = ''): [path: string, message: string][] {
  if (typeof errors !== 'object' || errors === null) return [[path, String(errors)]];
  const { detail, code } = errors as { detail?: unknown; code?: unknown };
  if (typeof detail === 'string' && typeof code === 'string') return [[path, `${detail} (${code})`]];
  if (Array.isArray(errors) && errors.every((each) => typeof each === 'string'))
    return errors.map((each) => [path, each]);
  return Object.entries(errors).flatMap(([name, each]) => flat(each, path === '' ? name : `${path}.${name}`));
}
