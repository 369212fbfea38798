import { closeSync, openSync, writeSync } from 'node:fs';
import { mapConcurrently } from '../../shared/map-concurrently.ts';
import {
  CliError,
  type Command,
  EXIT,
  type Invocation,
  SERVICE_OPTIONS,
  UsageError,
  wholeNumber,
} from '../command.ts';
import { confirm } from '../confirm.ts';
import { type CliEnvironment, environmentNamed, serviceUrl } from '../environments.ts';
import { INPUT_OPTIONS } from '../input.ts';
import { type Reply, refused, service } from '../service.ts';
import type { Terminal } from '../terminal.ts';
import { type Difference, differencesOf } from './differences.ts';
import { type ComparedRequest, requestsOf, type Substitutes, substituted } from './requests.ts';

const EXAMPLES_MAX = 3;
/** Requests that are read before they are sent together. */
const CHUNK = 200;
/** Statuses that say nothing about the contract: the service was busy or failed, also after repetitions. */
const NOT_COMPARED = new Set([429, 500, 502, 503, 504]);

/** `supply-points compare` */
export const compare: Command = {
  name: 'compare',
  argument: { name: '[FILE]', min: 0, max: 1 },
  summary: 'Sends the same requests to this service and to another, and shows where their responses differ.',
  description: `FILE has supply points, or vectors as test/contract/vectors.ndjson, which are the default in the repository. Elsewhere the default is the example that the service serves.
Requests are validated only, unless --create is given. Status, headers and body are compared field by field. Values of persons are masked.
The other service's token is that of the environment with this name, or SUPPLY_POINTS_AGAINST_TOKEN for a URL. Exit code 1 if responses differ.`,
  options: {
    ...INPUT_OPTIONS,
    ...SERVICE_OPTIONS,
    against: {
      type: 'string',
      value: 'URL',
      description: 'the other service: a URL, or the name of an environment of `login`',
    },
    supplier: {
      type: 'string',
      value: 'CODE',
      description: 'an import supplier of both, in place of TEST_SUPPLIER',
    },
    'first-identifier': {
      type: 'string',
      value: 'ID',
      description: 'the first of a range of identifiers that is set aside: ten digits, counted up',
    },
    create: {
      type: 'boolean',
      description: 'create instead of validate: the supply points remain, in both services',
    },
    yes: { type: 'boolean', short: 'y', description: 'do not ask before creating' },
    record: {
      type: 'string',
      value: 'FILE',
      description:
        'a new file for the differences as vectors, with what was sent and how the other service responded',
    },
    concurrency: { type: 'string', value: 'N', description: 'requests at a time to each, 1 to 50 (4)' },
    limit: { type: 'string', value: 'N', description: 'how many requests at most' },
  },
  run,
};

async function run({ values, positionals: [name], terminal }: Invocation): Promise<number> {
  const environment = environmentNamed(values['env'] as string | undefined);
  const here = service(environment);
  const there = service(otherEnvironment(values['against'] as string | undefined));
  const operation = values['create'] === true ? 'create' : 'validate';
  const substitutes = substitutesOf(operation, values);
  const concurrency = wholeNumber(values, 'concurrency', 4, 1, 50);
  const limit = wholeNumber(values, 'limit', Number.MAX_SAFE_INTEGER, 1, Number.MAX_SAFE_INTEGER);
  // Refuses a wrong token before anything is sent.
  await here.get('me');
  const recording = recordingTo(values['record'] as string | undefined);
  if (operation === 'create')
    await confirm(`Supply points will be created in ${here.host} and ${there.host}. They remain.`, values);
  const groups = new DifferenceGroups();
  const counts = { compared: 0, same: 0, different: 0, not_compared: 0 };
  const compareOne = async (request: ComparedRequest, index: number): Promise<void> => {
    const sent = substituted(request.body, substitutes, index);
    const body = JSON.stringify(sent);
    const [ours, theirs] = await Promise.all([
      here.call(operation, { body }),
      there.call(operation, { body }),
    ]);
    if (theirs.status === 401) throw refused(theirs, there.host);
    if (NOT_COMPARED.has(ours.status) || NOT_COMPARED.has(theirs.status)) {
      counts.not_compared += 1;
      return;
    }
    const differences = differencesOf(ours, theirs, sent);
    counts.compared += 1;
    counts[differences.length === 0 ? 'same' : 'different'] += 1;
    groups.add(request.name, differences);
    if (differences.some(({ where }) => where !== 'header')) recording.add(request.name, sent, theirs);
    terminal.progress(`${counts.compared} compared, ${counts.different} differ`);
  };
  try {
    await inChunks(requestsOf(name, environment.url, values), limit, (chunk, from) =>
      mapConcurrently([...chunk.entries()], concurrency, ([index, request]) =>
        compareOne(request, from + index),
      ),
    );
  } finally {
    recording.close();
  }
  return report(groups, counts, terminal);
}

function report(
  groups: DifferenceGroups,
  counts: { compared: number; same: number; different: number; not_compared: number },
  terminal: Terminal,
): number {
  terminal.table(groups.sorted(), ['requests', 'where', 'field', 'here', 'there', 'examples']);
  const { compared, same, different, not_compared: not } = counts;
  terminal.data(
    counts,
    `${compared} compared: ${same} the same, ${different} differ${not > 0 ? `; ${not} not compared, because a service was busy` : ''}`,
  );
  if (compared === 0) throw new CliError('No request was compared.');
  return different === 0 && not === 0 ? EXIT.ok : EXIT.failed;
}

/** The other service. Its token is never an argument. @throws UsageError */
function otherEnvironment(against: string | undefined): CliEnvironment {
  if (against === undefined)
    throw new UsageError('compare needs --against URL or the name of an environment.');
  if (!/^https?:/.test(against)) return environmentNamed(against);
  const token = process.env['SUPPLY_POINTS_AGAINST_TOKEN'];
  if (token) return { url: serviceUrl(against, '--against'), token };
  throw new UsageError('--against needs the token of its URL in the variable SUPPLY_POINTS_AGAINST_TOKEN.');
}

/** @throws UsageError */
function substitutesOf(operation: 'create' | 'validate', values: Invocation['values']): Substitutes {
  const first = values['first-identifier'] as string | undefined;
  if (first !== undefined && !/^\d{10}$/.test(first))
    throw new UsageError(`--first-identifier must have ten digits, not ${JSON.stringify(first)}.`);
  if (operation === 'create' && first === undefined)
    throw new UsageError('--create needs --first-identifier, the first of a range that is set aside.');
  return { supplier: values['supplier'] as string | undefined, first };
}

/** Differences by what differs, with the number of requests and the first of them. */
class DifferenceGroups {
  readonly #groups = new Map<string, Difference & { requests: number; examples: string[] }>();

  add(name: string, differences: readonly Difference[]): void {
    const keys = new Set<string>();
    for (const difference of differences) {
      const key = JSON.stringify(difference);
      const group = this.#groups.get(key) ?? { ...difference, requests: 0, examples: [] };
      this.#groups.set(key, group);
      if (keys.has(key)) continue;
      keys.add(key);
      group.requests += 1;
      if (group.examples.length < EXAMPLES_MAX) group.examples.push(name);
    }
  }

  sorted() {
    return [...this.#groups.values()].sort((one, other) => other.requests - one.requests);
  }
}

async function inChunks<Item>(
  items: AsyncIterable<Item>,
  limit: number,
  on: (chunk: readonly Item[], from: number) => Promise<unknown>,
): Promise<void> {
  let chunk: Item[] = [];
  let from = 0;
  for await (const item of items) {
    chunk.push(item);
    const isLast = from + chunk.length >= limit;
    if (chunk.length < CHUNK && !isLast) continue;
    await on(chunk, from);
    from += chunk.length;
    chunk = [];
    if (isLast) return;
  }
  await on(chunk, from);
}

/** Records differences as vectors of the contract: a change that replaces the whole request, and the other service's response. @throws CliError */
function recordingTo(path: string | undefined) {
  if (path === undefined) return { add: () => {}, close: () => {} };
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new CliError(
      `${path} ${isThere ? 'exists' : `cannot be written: ${(error as Error).message}`}. Nothing was sent.`,
    );
  }
  return {
    add(name: string, request: unknown, { status, body }: Reply): void {
      const changes = [{ op: 'replace', path: '', value: request }];
      writeSync(file, `${JSON.stringify({ name, changes, status, body })}\n`);
    },
    close: () => closeSync(file),
  };
}
