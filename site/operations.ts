import { OPERATIONS, type Operation, type OperationName } from '../shared/api/operations.ts';
import { guideExample } from './downloads.ts';

/** An operation as the reference describes it. */
export type DescribedOperation = {
  name: OperationName;
  method: Operation['method'];
  /** With `{parameters}` and the last slash. */
  path: string;
  access: Operation['access'];
  summary: string;
  description?: string;
  parameters: readonly {
    name: string;
    in: 'path' | 'query';
    description: string;
    example: string;
    limits: readonly string[];
  }[];
  /** An example of the request's body. */
  request?: unknown;
  responses: readonly { status: number; description: string; example?: unknown }[];
  errors: readonly { status: number; code: string; detail: string }[];
};

/** Returns the operations that answer with JSON, in the table's order. */
export function describedOperations(): DescribedOperation[] {
  return (Object.entries(OPERATIONS) as [OperationName, Operation][])
    .filter(([name]) => !['home', 'docs', 'docs-page'].includes(name))
    .map(([name, { method, path, access }]) => ({
      name,
      method,
      path: path.endsWith('.json') ? path : `${path}/`,
      access,
      summary: name,
      parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => ({
        name: parameter!,
        in: 'path',
        description: '',
        example: parameter === 'supplier' ? 'TEST_SUPPLIER' : '4001248530',
        limits: [],
      })),
      ...(access === 'import' && { request: guideExample() }),
      responses: [],
      errors: [],
    }));
}
