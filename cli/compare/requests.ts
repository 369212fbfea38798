import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { parseJson } from '../../shared/contract/python-json.ts';
import { isDictionary } from '../../shared/contract/python-values.ts';
import { jsonRow, requestOf } from '../../shared/drops/formats/row.ts';
import { CliError, type Values } from '../command.ts';
import { openInput } from '../input.ts';

/** A request that is sent to both services. */
export type ComparedRequest = { name: string; body: unknown };

/** The contract's vectors in this repository: changes to the request in the file beside them, a line each. */
const VECTORS = join('test', 'contract', 'vectors.ndjson');
const BASE = 'base.json';

/** The supplier and the identifier of the vectors and of the examples. */
const [VECTORS_SUPPLIER, IDENTIFIER] = ['TEST_SUPPLIER', /^[0-9A-HJ-NP-Z]{10}$/];

/**
 * Reads the requests to compare: those of a file of supply points or of vectors; without a file the contract's vectors in the repository, or elsewhere the examples that the
 * service serves.
 *
 * @throws CliError if the file cannot be read
 */
export async function* requestsOf(
  name: string | undefined,
  serviceUrl: string,
  values: Values,
): AsyncGenerator<ComparedRequest> {
  if (name === undefined && !existsSync(VECTORS)) yield* examplesOf(serviceUrl);
  else if (name === undefined || isVectors(name)) yield* vectorsIn(name ?? VECTORS);
  else
    for await (const { rows } of openInput(name, values).batches())
      for (const row of rows)
        if ('body' in row) yield { name: `line ${row.line} of ${name}`, body: requestOf(row.body) };
}

/** Whether the file's first line is a vector: `{"name": …, "changes": […], …}`. */
function isVectors(name: string): boolean {
  if (!/\.(ndjson|jsonl)$/.test(name) || !existsSync(name)) return false;
  const [first = ''] = readFileSync(name, 'utf8').split('\n', 1);
  const row = jsonRow(Buffer.from(first), 1, 0);
  return 'body' in row && isDictionary(row.body) && Array.isArray(row.body['changes']);
}

function* vectorsIn(path: string): Generator<ComparedRequest> {
  const file = [join(dirname(path), BASE), join(dirname(VECTORS), BASE)].find(existsSync);
  const base = file === undefined ? {} : parseJson(readFileSync(file, 'utf8'));
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line.trim() === '') continue;
    const { name, changes } = parseJson(line) as { name: string; changes: Operation[] };
    const isWhole = changes.length > 0 && changes.every(({ path: changed }) => changed === '');
    if (file === undefined && !isWhole)
      throw new CliError(`The vectors of ${path} change the request in ${BASE}, which is not beside them.`);
    yield { name, body: jsonPatch.applyPatch(structuredClone(base), changes).newDocument };
  }
}

async function* examplesOf(serviceUrl: string): AsyncGenerator<ComparedRequest> {
  const url = `${serviceUrl}/docs/downloads/example.ndjson`;
  const response = await fetch(url).catch(() => undefined);
  if (response?.ok !== true) throw new CliError(`${url} cannot be read. Give a FILE. Nothing was sent.`);
  for (const [index, line] of (await response.text()).trimEnd().split('\n').entries())
    yield { name: `example ${index + 1}`, body: requestOf(parseJson(line)) };
}

/** A supplier and a range of identifiers that are set aside for comparisons. */
export type Substitutes = { supplier: string | undefined; first: string | undefined };

/**
 * Returns the request with the given supplier in place of TEST_SUPPLIER, and with the n-th identifier of the range. Invalid identifiers stay, because a vector may be about
 * them.
 */
export function substituted(body: unknown, { supplier, first }: Substitutes, index: number): unknown {
  const copy = structuredClone(body);
  const payload = isDictionary(copy) ? copy['payload'] : undefined;
  if (!isDictionary(payload)) return copy;
  if (supplier !== undefined && payload['import_supplier'] === VECTORS_SUPPLIER)
    payload['import_supplier'] = supplier;
  const point = payload['supply_point'];
  if (first === undefined || !isDictionary(point) || !IDENTIFIER.test(String(point['identifier'])))
    return copy;
  point['identifier'] = String(Number(first) + index).padStart(first.length, '0');
  return copy;
}
