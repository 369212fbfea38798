import type * as v from 'valibot';
import { isDictionary } from './python-values.ts';
import { supplyPointImport } from './supply-point-import.ts';
import { taskParameters } from './task-parameters.ts';

/**
 * The fields of a request's body that the contract does not know, and that are therefore ignored: their paths, such as
 * `task_params.dry_run` or `payload.accounts.*.customers.*.familyname`, each once, in the order in which they were sent. Fields
 * whose name is not a plain identifier of at most {@link NAME_LENGTH_MAX} characters are left out, because a name that is
 * none may be somebody's data. Takes any JSON; the time is linear in the body.
 */
export function ignoredFields(body: unknown): string[] {
  const paths = new Set<string>();
  collect(body, REQUEST, '', paths);
  return [...paths];
}

/** Whether the contract ignores what a request's body has at that path; list indexes are steps like any other. */
export function isIgnoredPath(path: readonly string[]): boolean {
  let known: Known = REQUEST;
  for (const step of path) {
    const next = known.items ?? known.fields?.get(step);
    if (next === undefined) return known.fields !== undefined;
    known = next;
  }
  return false;
}

/** The paths of all fields that have values, such as `payload.accounts.*.customers.*.given_name`. */
export function fieldPaths(): string[] {
  return [...pathsOf(REQUEST, '')];
}

function* pathsOf(known: Known, path: string): Generator<string> {
  if (known.items !== undefined) yield* pathsOf(known.items, `${path}.*`);
  else if (known.fields === undefined) yield path;
  else
    for (const [name, field] of known.fields) yield* pathsOf(field, path === '' ? name : `${path}.${name}`);
}

const NAME_LENGTH_MAX = 64;
const PLAIN_IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What may stand somewhere: an object of these fields, a list of such items, or a value without fields. */
type Known = { fields?: ReadonlyMap<string, Known>; items?: Known };

function collect(value: unknown, known: Known, path: string, paths: Set<string>): void {
  if (known.items !== undefined) {
    if (!Array.isArray(value)) return;
    for (const item of value) collect(item, known.items, `${path}*.`, paths);
  } else if (known.fields !== undefined && isDictionary(value)) {
    for (const name of Object.keys(value)) {
      const field = known.fields.get(name);
      if (field === undefined) {
        if (name.length <= NAME_LENGTH_MAX && PLAIN_IDENTIFIER.test(name)) paths.add(path + name);
      } else if (field !== VALUE) {
        collect(value[name], field, `${path}${name}.`, paths);
      }
    }
  }
}

const VALUE: Known = {};

/** The parts of valibot's schemas that say what is known. */
type Schema = v.GenericSchema & {
  pipe?: readonly Schema[];
  wrapped?: Schema;
  item?: Schema;
  entries?: Readonly<Record<string, Schema>>;
};

/** What the schema reads: the first schema in it that has fields or items. */
function knownBy(schema: Schema): Known {
  const { pipe, wrapped, item, entries } = schema;
  if (wrapped !== undefined) return knownBy(wrapped);
  if (entries !== undefined) {
    return { fields: new Map(Object.entries(entries).map(([name, entry]) => [name, knownBy(entry)])) };
  }
  if (item !== undefined) {
    const items = knownBy(item);
    return items === VALUE ? VALUE : { items };
  }
  const [, ...steps] = pipe ?? [];
  return steps.map(knownBy).find((known) => known !== VALUE) ?? VALUE;
}

const REQUEST: Known = {
  fields: new Map([
    ['payload', knownBy(supplyPointImport(new Set()) as unknown as Schema)],
    ['task_params', knownBy(taskParameters('UTC') as unknown as Schema)],
  ]),
};
