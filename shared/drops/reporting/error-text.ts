/**
 * Returns an error body as text for a cell of a spreadsheet: each message after the path of its field, separated by `; `. The errors of a row
 * (`{"accounts": {"0": {"name": ["This field is required."]}}}`) and an import's latest error (`{"code": …, "detail": …}`) are accepted.
 */
export function errorText(errors: unknown): string {
  const messages: string[] = [];
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'string') messages.push(path.length === 0 ? value : `${path.join('.')}: ${value}`);
    else if (Array.isArray(value)) for (const item of value) walk(item, path);
    else if (typeof value === 'object' && value !== null) {
      if ('detail' in value && typeof value.detail === 'string') {
        walk(value.detail, path);
        return;
      }
      for (const [step, below] of Object.entries(value)) {
        const isField = step !== 'non_field_errors' && step !== 'supply_point_identifier';
        if (step !== 'supply_point_identifier') walk(below, isField ? [...path, step] : path);
      }
    }
  };
  walk(errors, []);
  return messages.join('; ');
}
