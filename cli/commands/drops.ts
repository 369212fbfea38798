import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ResultOf } from '../../shared/api/operation-types.ts';
import {
  CliError,
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
/** How long the file of failed rows may take after the end of its drop. */
const CORRECTED_FILE_WITHIN_MS = 60_000;
const DROP = { name: 'DROP', min: 1, max: 1 };

/** A drop, and its progress if that was asked for. */
export type DropStatus = ResultOf<'drops-list'>['results'][number] & Partial<ResultOf<'drops-status'>>;

export const FINAL_STATES: ReadonlySet<string> = new Set(['ENDED', 'FAILED', 'REFUSED', 'CANCELLED']);

/** One line about a drop's progress. */
export function describeDrop({
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
export function showDrop(drop: DropStatus, terminal: Terminal): void {
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

/** `supply-points failed-rows DROP` */
export const failedRows: Command = {
  name: 'failed-rows',
  argument: DROP,
  summary: 'Lists the failed rows of a drop, or downloads them as they were dropped, to be corrected.',
  description:
    'With --out the file has the rows as they were sent, with their personal data: only operators may download it. Its column import_errors is ignored when it is dropped again.',
  options: {
    ...OPTIONS,
    out: { type: 'string', value: 'FILE', description: 'the file to write; it must not exist' },
  },
  async run({ values, positionals: [drop = ''], terminal }: Invocation) {
    const { api, supplier } = await supplierService(values);
    const out = values['out'] as string | undefined;
    if (out !== undefined) return download(await correctedFile(api, supplier, drop), out, terminal);
    let cursor: string | undefined;
    do {
      const page = await failedRowsPage(api, supplier, drop, cursor);
      const rows = page.results;
      terminal.table(
        terminal.isJson ? rows : rows.map((row) => ({ ...row, errors: JSON.stringify(row.errors) })),
        ['line', 'identifier', 'outcome', 'errors'] as never,
      );
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    return EXIT.ok;
  },
};

const failedRowsPage = (api: Service, supplier: string, drop: string, cursor?: string) =>
  api.get('drops-failed-rows', { parameters: { supplier, drop }, query: { page_size: 100, cursor } });

/** Returns the link to a drop's failed rows, which are written shortly after its end; null if there are none. @throws CliError */
async function correctedFile(api: Service, supplier: string, drop: string) {
  const { role } = await api.get('me');
  if (role !== 'operator')
    throw new CliError(
      'The failed rows have personal data: only operators may download them. Nothing was done.',
    );
  const writtenBy = performance.now() + CORRECTED_FILE_WITHIN_MS;
  for (;;) {
    const { downloads, results, is_complete: isComplete } = await failedRowsPage(api, supplier, drop);
    const { corrected_file: link } = downloads;
    const isAwaited = link === null && results.length > 0 && isComplete && performance.now() < writtenBy;
    if (!isAwaited) return link;
    await sleep(1000);
  }
}

async function download(
  link: { name: string; url: string } | null,
  out: string,
  terminal: Terminal,
): Promise<number> {
  if (link === null)
    throw new CliError('There is no file of failed rows: no row failed, or the drop has not ended.');
  const response = await fetch(link.url);
  if (!response.ok || response.body === null)
    throw new CliError(`The download failed with status ${response.status}.`);
  try {
    await pipeline(Readable.fromWeb(response.body), createWriteStream(out, { flags: 'wx', mode: 0o600 }));
  } catch (error) {
    throw new CliError(`${out} could not be written: ${(error as Error).message}`);
  }
  terminal.data({ out }, `${out} has the failed rows.\nnext: correct it, and supply-points drop ${out}`);
  return EXIT.ok;
}
