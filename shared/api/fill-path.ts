/**
 * Returns a resource's path with its parameters' values and the last slash, as the contract writes paths.
 *
 * @throws Error if a parameter has no value
 */
export function fillPath(path: string, parameters: Readonly<Record<string, string>> = {}): string {
  const filled = path.replace(/\{(\w+)\+?\}/g, (_, parameter: string) => {
    const value = parameters[parameter];
    if (value === undefined) throw new Error(`The path ${path} needs ${parameter}.`);
    return encodeURIComponent(value);
  });
  return filled.endsWith('/') ? filled : `${filled}/`;
}
