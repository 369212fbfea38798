import { setTimeout as sleep } from 'node:timers/promises';
import type { ResultOf } from '../../shared/api/operation-types.ts';
import {
  type Command,
  EXIT,
  type Invocation,
  SERVICE_OPTIONS,
  SUPPLIER_OPTION,
  wholeNumber,
} from '../command.ts';
import type { Service } from '../service.ts';
import { supplierService } from '../supplier.ts';
import { printable, type Terminal } from '../terminal.ts';

const OPTIONS = { ...SERVICE_OPTIONS, ...SUPPLIER_OPTION };
const DROP = { name: 'DROP', min: 1, max: 1 };

/** A drop, and its progress if that was asked for. */
export type DropStatus = ResultOf<'drops-list'>['results'][number] & Partial<ResultOf<'drops-status'>>;

const FINAL_STATES: ReadonlySet<string> = new Set(['ENDED', 'FAILED', 'REFUSED', 'CANCELLED']);

/** One line about a drop's progress. */
function describeDrop({
  state,
  rows,
  imports,
  rows_per_second: rate,
  seconds_left: left,
}: DropStatus): string {
  const ended = rows.accepted - imports.open;
  return `${state.toLowerCase()}: ${rows.read} rows read, ${rows.accepted} accepted, ${ended} ended${rate ? `, ${rate} rows a second` : ''}${left ? `, ${left} s left` : ''}`;
}

/** Writes a drop: its state, counts, and most frequent errors with their first lines. */
function showDrop(drop: DropStatus, terminal: Terminal): void {
  const { most_frequent_errors: errors = [] } = drop;
  const counts = (of: Record<string, number>) =>
    Object.entries(of)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${count} ${name.replaceAll('_', ' ')}`)
      .join(', ');
  const lines = errors.map(({ error, count, lines: at, suggestions = [] }) => {
    const meant = suggestions
      .map(({ code, name }) => (code === name ? code : `${code} (${name})`))
      .join(' or ');
    return `${String(count).padStart(7)}  ${printable(error)}  (lines ${at.join(', ')})${meant === '' ? '' : `\n         did you mean ${meant}?`}`;
  });
  const problem = drop.problem === null ? [] : [`problem: ${printable(drop.problem.detail)}`];
  const text = [
    `${printable(drop.name)} (${drop.drop}): ${drop.state}`,
    ...problem,
    `rows: ${counts(drop.rows) || 'none'}`,
    `imports: ${counts(drop.imports) || 'none'}`,
    ...lines,
  ];
  terminal.data(drop, text.join('\n'));
}

const POLL_MS = 1000;

/** Waits until a drop has ended. */
export async function followDrop(
  api: Service,
  supplier: string,
  drop: string,
  terminal: Terminal,
): Promise<DropStatus> {
  for (;;) {
    const status = await api.get('drops-status', { parameters: { supplier, drop } });
    if (FINAL_STATES.has(status.state)) return status;
    terminal.progress(describeDrop(status));
    await sleep(POLL_MS);
  }
}

/** Writes a drop that has ended, and the command to go on with. Returns the exit code. */
export function dropOutcome(drop: DropStatus, terminal: Terminal): number {
  const { rows, imports } = drop;
  showDrop(drop, terminal);
  const failed =
    rows.read - rows.accepted - rows.already_imported + imports.errored + imports.dry_run_errored;
  if (failed > 0) terminal.note(`next: supply-points errors ${drop.drop}`);
  if (drop.state !== 'ENDED') return EXIT.failed;
  return failed > 0 ? EXIT.rowsFailed : EXIT.ok;
}

/** `supply-points drops` */
export const drops: Command = {
  name: 'drops',
  summary: 'Lists a supplier’s drops, the newest first.',
  options: { ...OPTIONS, limit: { type: 'string', value: 'N', description: 'how many at most (20)' } },
  async run({ values, terminal }: Invocation) {
    const limit = wholeNumber(values, 'limit', 20, 1, 100_000);
    const { api, supplier } = await supplierService(values);
    const found: DropStatus[] = [];
    let cursor: string | undefined;
    do {
      const query = { page_size: Math.min(100, limit - found.length), cursor };
      const page = await api.get('drops-list', { parameters: { supplier }, query });
      found.push(...page.results);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined && found.length < limit);
    const rows = found.map((each) => ({
      ...each,
      read: each.rows.read,
      accepted: each.rows.accepted,
      processed: each.imports.processed,
      errored: each.imports.errored,
    }));
    terminal.table(terminal.isJson ? found : rows, [
      'drop',
      'state',
      'read',
      'accepted',
      'processed',
      'errored',
      'dropped_at',
      'name',
    ] as never);
    if (found.length === 0) terminal.note(`${supplier} has no drops.\nnext: supply-points drop FILE`);
    return EXIT.ok;
  },
};

/** `supply-points drop-status DROP` */
export const dropStatus: Command = {
  name: 'drop-status',
  argument: DROP,
  summary: 'Shows a drop: state, counts, rate, and the most frequent errors, also while it is read.',
  options: OPTIONS,
  async run({ values, positionals: [drop = ''], terminal }: Invocation) {
    const { api, supplier } = await supplierService(values);
    showDrop(await api.get('drops-status', { parameters: { supplier, drop } }), terminal);
    return EXIT.ok;
  },
};
