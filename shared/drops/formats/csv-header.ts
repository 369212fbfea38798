import { describeColumn, describePath, requireKnownColumns } from './csv-columns.ts';
import { UnreadableDrop } from './row.ts';

/** Reads a record's cells into what the row asks for. */
export type CellsToBody = (cells: readonly string[]) => unknown;

/** What a column's name leads to: a cell, by its index; or fields, or a list's elements. */
type Node = number | Map<string, Node>;

const NAMES_OF_OBJECTS = new Set(['__proto__', 'constructor', 'prototype']);
const INDEX_MAX = 999;
const DEPTH_MAX = 20;
const REQUIRED = 'supply_point.identifier';

/**
 * Reads a header, whose columns name fields by their paths: `supply_point.identifier`,
 * `accounts.0.customers.0.given_name`. They are the payload's, or with `payload.` before each of them; those
 * that begin with `task_params.` are the request's.
 *
 * A row's values are texts. An empty cell is left out, and so is what has only empty cells: an object, or an
 * element of a list, whose later elements then move up.
 *
 * @throws UnreadableDrop where it names no fields, or no supply point's identifier, without which it is no
 * header; UnknownColumns where it names fields that the contract does not know, unless these are ignored.
 */
export function readHeader(names: readonly string[], ignoresUnknownColumns: boolean): CellsToBody {
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

/** Puts a column in its place among the others. */
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

/** Asked before anything else: what is no header is somebody's data, which no message must quote. */
function requireIdentifier(names: readonly string[]): void {
  if (names.some((name) => name.trim() === REQUIRED || name.trim() === `payload.${REQUIRED}`)) return;
  throw new UnreadableDrop(`The first line is no header, or its columns do not include ${REQUIRED}.`);
}

/** Answers undefined where all cells are empty. */
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
