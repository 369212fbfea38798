import { createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ImportStatus } from '../../shared/imports/model/import-process.ts';
import { mapConcurrently } from '../../shared/map-concurrently.ts';
import { CliError, type Options, UsageError, type Values } from '../command.ts';
import { refused, type Service } from '../service.ts';
import { failedRowsOf } from './failed-rows.ts';
import { listed, statusOption } from './imports.ts';

/** An operation on an import. */
export type Action = {
  name: 'cancel' | 'retry';
  /** What was done to it, for messages. */
  done: string;
  /** The statuses that it is possible in. */
  statuses: readonly ImportStatus[];
};

/** Options that select imports. */
export const FILTER_OPTIONS: Options = {
  status: { type: 'string', value: 'STATUS', description: 'only imports with this status' },
  code: { type: 'string', value: 'CODE', description: 'only imports whose error has this code' },
  drop: { type: 'string', value: 'DROP', description: 'only imports of this drop' },
  ids: {
    type: 'string',
    value: 'FILE',
    description: 'only imports of this file, which has an identifier a line, or JSON lines with `identifier`',
  },
};

export const hasFilter = (values: Values): boolean =>
  Object.keys(FILTER_OPTIONS).some((name) => values[name] !== undefined);

/**
 * Returns the identifiers of the imports that match all filters and that the action is possible for.
 *
 * @throws UsageError for a status that the action is impossible in; CliError if the file of identifiers cannot be read
 */
export async function selectedImports(
  api: Service,
  supplier: string,
  { name, statuses }: Action,
  values: Values,
): Promise<string[]> {
  const status = statusOption(values);
  if (status !== undefined && !statuses.includes(status))
    throw new UsageError(`${name} is possible for imports that are ${statuses.join(' or ')}, not ${status}.`);
  const wanted = status === undefined ? statuses : [status];
  const code = values['code'];
  const named = await identifiersOf(api, supplier, values);
  const matches = (candidate: { status: string; latest_error: { code: string } | null }): boolean =>
    wanted.some((each) => each === candidate.status) &&
    (code === undefined || candidate.latest_error?.code === code);
  return named === undefined
    ? listedImports(api, supplier, wanted, matches)
    : namedImports(api, supplier, [...named], matches);
}

type Matches = (candidate: { status: string; latest_error: { code: string } | null }) => boolean;

async function listedImports(
  api: Service,
  supplier: string,
  statuses: readonly ImportStatus[],
  matches: Matches,
): Promise<string[]> {
  const found: string[] = [];
  for (const status of statuses)
    for await (const each of listed(api, supplier, status))
      if (matches(each)) found.push(each.external_identifier);
  return found;
}

const CONCURRENCY = 10;

/** Asks for the status of each, because it may have changed since the list was made. */
async function namedImports(
  api: Service,
  supplier: string,
  identifiers: readonly string[],
  matches: Matches,
): Promise<string[]> {
  const found = await mapConcurrently(identifiers, CONCURRENCY, async (identifier) => {
    const reply = await api.call('status', { parameters: { supplier, identifier } });
    if (reply.status !== 200 && reply.status !== 404) throw refused(reply, api.host);
    return reply.status === 200 && matches(reply.body) ? [identifier] : [];
  });
  return found.flat();
}

/** The identifiers in the file of `--ids` and the failed imports of `--drop`: of both, if both are given. Undefined if neither is. */
async function identifiersOf(
  api: Service,
  supplier: string,
  values: Values,
): Promise<ReadonlySet<string> | undefined> {
  const { ids, drop } = values;
  const inFile = ids === undefined ? undefined : await identifiersIn(String(ids));
  if (drop === undefined) return inFile;
  const inDrop = new Set<string>();
  for await (const row of failedRowsOf(api, supplier, String(drop)))
    if (row.identifier !== undefined && /errored$/.test(row.outcome)) inDrop.add(row.identifier);
  return inFile === undefined ? inDrop : new Set([...inDrop].filter((id) => inFile.has(id)));
}

/** @throws CliError */
async function identifiersIn(path: string): Promise<Set<string>> {
  if (path !== '-' && statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw new CliError(`There is no file ${path}. Nothing was done.`);
  const identifiers = new Set<string>();
  const input = path === '-' ? process.stdin : createReadStream(path);
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const identifier = identifierIn(line.trim());
    if (identifier !== undefined) identifiers.add(identifier);
  }
  return identifiers;
}

function identifierIn(line: string): string | undefined {
  if (!line.startsWith('{')) return line === '' ? undefined : line;
  try {
    const { identifier, external_identifier: listed } = JSON.parse(line);
    return identifier ?? listed ?? undefined;
  } catch {
    throw new CliError('The file of identifiers is damaged: a line is not JSON. Nothing was done.');
  }
}
