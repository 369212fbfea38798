import { describeColumn, describePath, requireKnownColumns } from './csv-columns.ts';
import { UnreadableDrop } from './row.ts';

/** Converts a record's cells to a request body. */
export type CellsToBody = (cells: readonly string[]) => unknown;

/** A node of the header's tree: the index of a cell, or the fields of an object or elements of a list by name. */
type Node = number | Map<string, Node>;

const NAMES_OF_OBJECTS = new Set(['__proto__', 'constructor', 'prototype']);
const INDEX_MAX = 999;
const DEPTH_MAX = 20;
const REQUIRED = 'supply_point.identifier';
/** The last column of a corrected file (csv-copy.ts), for people. It is ignored. */
export const ERRORS_COLUMN = 'import_errors';

/**
 * Reads a header. Column names are paths of fields: `supply_point.identifier`, `accounts.0.customers.0.given_name`. They are relative to
 * the payload, or all begin with `payload.`. Paths that begin with `task_params.` are relative to the request.
 *
 * A last column {@link ERRORS_COLUMN} is ignored.
 *
 * All values are strings. Empty cells are omitted. Objects and list elements with only empty cells are omitted too, and later elements
 * move up.
 *
 * @throws UnreadableDrop if a name is not a path, or if there is no column for the supply point's identifier; UnknownColumns if columns
 * are not in the contract and are not ignored.
 */
export function readHeader(columns: readonly string[], ignoresUnknownColumns: boolean): CellsToBody {
  const names = columns.at(-1)?.trim() === ERRORS_COLUMN ? columns.slice(0, -1) : columns;
  requireIdentifier(names);
  const paths = names.map((name, index) => pathOf(name.trim(), index));
  const isRequest = paths.some(([first]) => first === 'payload');
  if (!ignoresUnknownColumns) requireKnownColumns(paths, isRequest);
  const root = new Map<string, Node>();
  for (const [index, path] of paths.entries()) {
    const column = describeColumn(path.join('.'), index);
    const isPayloads = path[0] !== 'payload' && path[0] !== 'task_params';
    if (isRequest && isPayloads) {
      throw new UnreadableDrop(`${column} is not under payload, as others are.`);
    }
    place(root, isPayloads ? ['payload', ...path] : path, index, column);
  }
  const build = builderOf(root, []);
  return (cells) => ({ payload: {}, ...(build(cells) as object | undefined) });
}

function pathOf(name: string, index: number): string[] {
  if (name === '') throw new UnreadableDrop(`Column ${index + 1} of the header has no name.`);
  const path = name.split('.');
  if (path.includes(''))
    throw new UnreadableDrop(`${describeColumn(name, index)} has an empty step in its name.`);
  const forbidden = path.find((step) => NAMES_OF_OBJECTS.has(step));
  if (forbidden !== undefined) {
    const column = describeColumn(name, index);
    throw new UnreadableDrop(`${column} is named ${forbidden} in part, as no field may be.`);
  }
  if (path.length > DEPTH_MAX)
    throw new UnreadableDrop(`${describeColumn(name, index)} has more than ${DEPTH_MAX} steps in its name.`);
  return path;
}

/** Inserts a column into the tree. @throws UnreadableDrop for duplicate and conflicting columns. */
function place(root: Map<string, Node>, path: readonly string[], index: number, column: string): void {
  let fields = root;
  for (const step of path.slice(0, -1)) {
    const node = fields.get(step) ?? new Map<string, Node>();
    if (typeof node === 'number') throw clash(column);
    fields.set(step, node);
    fields = node;
  }
  const last = path.at(-1)!;
  if (fields.has(last)) throw typeof fields.get(last) === 'number' ? duplicate(column) : clash(column);
  fields.set(last, index);
}

const duplicate = (column: string) => new UnreadableDrop(`${column} is there twice.`);
const clash = (column: string) =>
  new UnreadableDrop(`${column} and another one cannot both be: one is part of the other.`);

/** Called first: if the header is missing, the first line has personal data, which no message may quote. */
function requireIdentifier(names: readonly string[]): void {
  if (names.some((name) => name.trim() === REQUIRED || name.trim() === `payload.${REQUIRED}`)) return;
  throw new UnreadableDrop(`The first line is not a header, or its columns do not include ${REQUIRED}.`);
}

/** The returned function returns undefined if all cells of the node are empty. */
function builderOf(node: Node, path: readonly string[]): CellsToBody {
  if (typeof node === 'number') return (cells) => cells[node] || undefined;
  const isList = /^\d+$/.test(node.keys().next().value!);
  return isList ? listBuilder(node, path) : objectBuilder(node, path);
}

function objectBuilder(fields: Map<string, Node>, path: readonly string[]): CellsToBody {
  const builders = [...fields].map(([name, node]): [string, CellsToBody] => {
    if (/^\d+$/.test(name)) throw new UnreadableDrop(mixed(path));
    return [name, builderOf(node, [...path, name])];
  });
  return (cells) => {
    let object: Record<string, unknown> | undefined;
    for (const [name, build] of builders) {
      const value = build(cells);
      if (value === undefined) continue;
      object ??= {};
      object[name] = value;
    }
    return object;
  };
}

function listBuilder(elements: Map<string, Node>, path: readonly string[]): CellsToBody {
  const builders = Array.from({ length: elements.size }, (_, index) => {
    const node = elements.get(String(index));
    if (node === undefined) throw new UnreadableDrop(gap(elements, path, index));
    if (index > INDEX_MAX)
      throw new UnreadableDrop(`The list ${describePath(path)} has more than ${INDEX_MAX + 1} elements.`);
    return builderOf(node, [...path, String(index)]);
  });
  return (cells) => {
    const list = builders.map((build) => build(cells)).filter((value) => value !== undefined);
    return list.length === 0 ? undefined : list;
  };
}

function gap(elements: Map<string, Node>, path: readonly string[], index: number): string {
  const isMixed = [...elements.keys()].some((name) => !/^\d+$/.test(name));
  return isMixed ? mixed(path) : `The list ${describePath(path)} has no columns of its element ${index}.`;
}

const mixed = (path: readonly string[]) =>
  `The columns of ${describePath(path)} have both indexes of a list and names of fields.`;
