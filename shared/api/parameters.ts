import * as v from 'valibot';
import { ImportStatus } from '../imports/model/import-process.ts';
import { PAGE_SIZE_MAX } from '../imports/use-cases/list-imports.ts';
import { CANCEL_WAIT_SECONDS_DEFAULT, CANCEL_WAIT_SECONDS_MAX, PAGE_SIZE_DEFAULT } from './limits.ts';

/** The schema of a parameter, its meaning, and an example. */
export type Parameter = { description: string; schema: v.GenericSchema; example?: string | number };

/** Query parameters by their names. Each may be given once; unknown ones are ignored. */
export const QUERY = {
  status: { description: 'Lists only imports with this status.', schema: ImportStatus },
  page_size: {
    description: 'The number of results on a page.',
    schema: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(PAGE_SIZE_MAX)),
      PAGE_SIZE_DEFAULT,
    ),
  },
  cursor: {
    description: 'The `next_cursor` of the page before, from the same list with the same filter.',
    schema: v.string(),
  },
  period: {
    description: 'The period until now. Has no effect with `drop`.',
    schema: v.optional(v.picklist(['hour', 'day', 'week']), 'hour'),
  },
  drop: {
    description: 'The id of a drop: only what belongs to it, from its start to its end.',
    schema: v.string(),
  },
  wait_seconds: {
    description: 'How long the answer waits for the final state of the drop.',
    schema: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(CANCEL_WAIT_SECONDS_MAX)),
      CANCEL_WAIT_SECONDS_DEFAULT,
    ),
  },
} as const satisfies Readonly<Record<string, Parameter>>;
export type QueryName = keyof typeof QUERY;

/** The header of operations whose responses have an ETag. */
export const IF_NONE_MATCH: Parameter = {
  description:
    'The `ETag` of an earlier response: if the body is still the same, the response is 304 without it.',
  schema: v.string(),
};

/** Path parameters by their names. */
export const PATH_PARAMETERS: Readonly<Record<string, Parameter>> = {
  supplier: {
    description: 'The code of an import supplier that the token may use.',
    schema: v.string(),
    example: 'TEST_SUPPLIER',
  },
  identifier: {
    description: 'The identifier of the supply point, an NMI.',
    schema: v.string(),
    example: '4001248530',
  },
  drop: {
    description: 'The id of a drop, from the list of drops.',
    schema: v.string(),
    example: 'qL0mJ2xVYc3tRk8a',
  },
  token: {
    description: 'The id of a token, from the list of tokens.',
    schema: v.string(),
    example: '0123456789ab',
  },
  page: { description: 'The address of a page or file.', schema: v.string(), example: 'fields/' },
};
