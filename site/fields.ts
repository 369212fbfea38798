import lists from '../shared/contract/code-lists.json' with { type: 'json' };
import { fieldPaths } from '../shared/contract/ignored-fields.ts';
import { exampleAt } from './downloads.ts';

export type DescribedField = {
  path: string;
  name: string;
  type: string;
  required: boolean;
  nullable: boolean;
  limits: readonly string[];
  codes?: keyof typeof lists;
  description?: string;
  example?: unknown;
  source?: string;
  errors: readonly { message: string; code?: string; remedy: string }[];
};

/** Interim. */
export function describedFields(): DescribedField[] {
  return fieldPaths().map((path) => {
    const name = path.split('.').at(-1)!;
    const example = exampleAt(path.replaceAll('*', '0'));
    return {
      path,
      name,
      type: example === undefined ? 'text' : Array.isArray(example) ? 'list' : typeof example,
      required: false,
      nullable: false,
      limits: [],
      ...(Object.hasOwn(lists, name) && { codes: name as keyof typeof lists }),
      ...(example !== undefined && { example }),
      errors: [],
    };
  });
}
