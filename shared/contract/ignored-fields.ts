import type * as v from 'valibot';
import { isDictionary } from './python-values.ts';
import { supplyPointImport } from './supply-point-import.ts';
import { taskParameters } from './task-parameters.ts';

/**
 * Returns the paths of the fields of a request's body that are ignored because the contract does not define them, such as
 * `task_params.dry_run` or `payload.accounts.*.customers.*.familyname`: each once, in the order of the body. Skips fields whose name is
 * not a plain identifier of at most {@link NAME_LENGTH_MAX} characters, because such a name may be personal data. Accepts any JSON, and
 * takes time linear in its size.
 */
export function ignoredFields(body: unknown): string[] {
  const paths = new Set<string>();
  collect(body, REQUEST, '', paths);
  return [...paths];
}

/** Whether the value at a path of a request's body is ignored. List indexes are steps of the path. */
export function isIgnoredPath(path: readonly string[]): boolean {
  let shape: Shape = REQUEST;
  for (const step of path) {
    const next = shape.items ?? shape.fields?.get(step);
    if (next === undefined) return shape.fields !== undefined;
    shape = next;
  }
  return false;
}

/** Returns the paths of all fields with plain values, such as `payload.accounts.*.customers.*.given_name`. */
export function fieldPaths(): string[] {
  return [...pathsOf(REQUEST, '')];
}

function* pathsOf(shape: Shape, path: string): Generator<string> {
  if (shape.items !== undefined) yield* pathsOf(shape.items, `${path}.*`);
  else if (shape.fields === undefined) yield path;
  else
    for (const [name, field] of shape.fields) yield* pathsOf(field, path === '' ? name : `${path}.${name}`);
}

const NAME_LENGTH_MAX = 64;
const PLAIN_IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The shape of a value: an object with these fields, a list of such items, or a plain value. */
type Shape = { fields?: ReadonlyMap<string, Shape>; items?: Shape };

function collect(value: unknown, shape: Shape, path: string, paths: Set<string>): void {
  if (shape.items !== undefined) {
    if (!Array.isArray(value)) return;
    for (const item of value) collect(item, shape.items, `${path}*.`, paths);
  } else if (shape.fields !== undefined && isDictionary(value)) {
    for (const name of Object.keys(value)) {
      const field = shape.fields.get(name);
      if (field === undefined) {
        if (name.length <= NAME_LENGTH_MAX && PLAIN_IDENTIFIER.test(name)) paths.add(path + name);
      } else if (field !== VALUE) {
        collect(value[name], field, `${path}${name}.`, paths);
      }
    }
  }
}

const VALUE: Shape = {};

/** The parts of valibot's schemas that define a shape. */
type Schema = v.GenericSchema & {
  pipe?: readonly Schema[];
  wrapped?: Schema;
  item?: Schema;
  entries?: Readonly<Record<string, Schema>>;
};

/** Returns the shape that a schema accepts: that of the first schema in it with fields or items. */
function shapeOf(schema: Schema): Shape {
  const { pipe, wrapped, item, entries } = schema;
  if (wrapped !== undefined) return shapeOf(wrapped);
  if (entries !== undefined) {
    return { fields: new Map(Object.entries(entries).map(([name, entry]) => [name, shapeOf(entry)])) };
  }
  if (item !== undefined) {
    const items = shapeOf(item);
    return items === VALUE ? VALUE : { items };
  }
  const [, ...steps] = pipe ?? [];
  return steps.map(shapeOf).find((shape) => shape !== VALUE) ?? VALUE;
}

const REQUEST: Shape = {
  fields: new Map([
    ['payload', shapeOf(supplyPointImport(new Set()) as unknown as Schema)],
    ['task_params', shapeOf(taskParameters('UTC') as unknown as Schema)],
  ]),
};
