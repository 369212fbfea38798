import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { mapConcurrently } from '../../shared/map-concurrently.ts';
import {
  CliError,
  type Command,
  EXIT,
  type Invocation,
  SERVICE_OPTIONS,
  SUPPLIER_OPTION,
} from '../command.ts';
import { readResults } from '../results.ts';
import type { Service } from '../service.ts';
import { serviceOf, supplierService } from '../supplier.ts';
import type { Terminal } from '../terminal.ts';
import { dropOutcome, followDrop } from './drops.ts';

const CONCURRENCY = 10;
/** Imports whose status is asked for together: memory stays flat for files of any size. */
const CHUNK = 1000;
/** Delay between two requests for the same import, which doubles up to the maximum. */
const POLL_MS = 500;
const POLL_MS_MAX = 15_000;
const ERROR_EXAMPLES = 3;

/** `supply-points watch [DROP|FILE]`: waits until imports have ended. */
export const watch: Command = {
  name: 'watch',
  argument: { name: '[DROP|FILE]', min: 0, max: 1 },
  summary:
    'Waits until all imports of a drop, of a file or of the supplier have ended, and shows how. Exit code 3 if some failed.',
  description: 'FILE is a file that `import` has sent, or its file of results.',
  options: { ...SERVICE_OPTIONS, ...SUPPLIER_OPTION },
  async run({ values, positionals: [name], terminal }: Invocation) {
    const isFile = name !== undefined && [name, `${name}.results.ndjson`].some((path) => existsSync(path));
    if (isFile) return watchFile(serviceOf(values), name, terminal);
    const { api, supplier } = await supplierService(values);
    if (name === undefined) return watchSupplier(api, supplier, terminal);
    const { status } = await api.call('drops-status', { parameters: { supplier, drop: name } });
    if (status === 404)
      throw new CliError(`There is neither a file ${name} nor a drop ${name} of ${supplier}.`);
    return dropOutcome(await followDrop(api, supplier, name, terminal), terminal);
  },
};

/** Waits until the supplier has no open imports. */
async function watchSupplier(api: Service, supplier: string, terminal: Terminal): Promise<number> {
  for (let delay = POLL_MS; ; delay = Math.min(2 * delay, POLL_MS_MAX)) {
    const { statuses } = await api.get('counts', { parameters: { supplier } });
    const found = Object.entries(statuses).filter(([, count]) => count > 0);
    const text = found.map(([status, count]) => `${count} ${status}`).join(', ') || 'no imports';
    if (found.every(([status]) => !OPEN.has(status))) {
      terminal.data(statuses, text);
      return statuses.ERRORED + statuses.DRY_RUN_ERRORED > 0 ? EXIT.rowsFailed : EXIT.ok;
    }
    terminal.progress(text);
    await sleep(delay);
  }
}

async function watchFile(api: Service, name: string, terminal: Terminal): Promise<number> {
  const outcomes = new Outcomes();
  const path = name.endsWith('.results.ndjson') ? name : `${name}.results.ndjson`;
  let chunk: Scheduled[] = [];
  for await (const row of readResults(path)) {
    const isOpen = row.result === 'scheduled' || row.result === 'in_progress';
    if (isOpen && row.identifier !== null && row.supplier !== null)
      chunk.push({ supplier: row.supplier, identifier: row.identifier });
    else outcomes.count(row.result === 'already_imported' ? 'already_imported' : 'rejected');
    if (chunk.length === CHUNK) {
      await waitFor(api, chunk, outcomes, terminal);
      chunk = [];
    }
  }
  await waitFor(api, chunk, outcomes, terminal);
  return outcomes.report(terminal);
}

type Scheduled = { supplier: string; identifier: string };

/** Counts of ended imports, and of their errors by code. */
class Outcomes {
  readonly counts = new Map<string, number>();
  readonly errors = new Map<string, { code: string; imports: number; detail: string; examples: string[] }>();

  count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  add(identifier: string, status: string, error: { code: string; detail: string } | null): void {
    this.count(status);
    if (error === null) return;
    const known = this.errors.get(error.code) ?? { ...error, imports: 0, examples: [] };
    this.errors.set(error.code, known);
    known.imports += 1;
    if (known.examples.length < ERROR_EXAMPLES) known.examples.push(identifier);
  }

  report(terminal: Terminal): number {
    const errors = [...this.errors.values()].sort((one, other) => other.imports - one.imports);
    terminal.table(errors, ['imports', 'code', 'detail', 'examples']);
    const counts = Object.fromEntries(this.counts);
    terminal.data(
      counts,
      [...this.counts].map(([name, count]) => `${count} ${name}`).join(', ') || 'no rows',
    );
    const bad = ['ERRORED', 'DRY_RUN_ERRORED', 'rejected'].some((name) => this.counts.has(name));
    return bad ? EXIT.rowsFailed : EXIT.ok;
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }
}

const OPEN = new Set(['PENDING', 'IN_PROGRESS']);

async function waitFor(
  api: Service,
  imports: readonly Scheduled[],
  outcomes: Outcomes,
  terminal: Terminal,
): Promise<void> {
  await mapConcurrently(imports, CONCURRENCY, async ({ supplier, identifier }) => {
    for (let delay = POLL_MS; ; delay = Math.min(2 * delay, POLL_MS_MAX)) {
      const reply = await api.call('status', { parameters: { supplier, identifier } });
      if (reply.status !== 200)
        throw new CliError(`${api.host} answered ${reply.status} for ${identifier}: ${reply.body?.detail}`);
      if (!OPEN.has(reply.body.status)) {
        outcomes.add(identifier, reply.body.status, reply.body.latest_error);
        terminal.progress(`${outcomes.total} ended`);
        return;
      }
      await sleep(delay);
    }
  });
}
