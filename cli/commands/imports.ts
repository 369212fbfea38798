import type { ListedImport } from '../../shared/api/schemas.ts';
import { IMPORT_STATUSES, type ImportStatus } from '../../shared/imports/model/import-process.ts';
import {
  type Command,
  EXIT,
  type Invocation,
  SERVICE_OPTIONS,
  SUPPLIER_OPTION,
  UsageError,
  type Values,
  wholeNumber,
} from '../command.ts';
import { refused, type Service } from '../service.ts';
import { supplierService } from '../supplier.ts';

const OPTIONS = { ...SERVICE_OPTIONS, ...SUPPLIER_OPTION };
const IDS = { name: 'ID…', min: 1, max: Number.POSITIVE_INFINITY };

export type Status = ListedImport;
const COLUMNS = ['external_identifier', 'status', 'modified_at', 'error'] as const;
const rowOf = (status: Status) => ({ ...status, error: status.latest_error?.code ?? '' });

/** `supply-points status ID…` */
export const status: Command = {
  name: 'status',
  argument: IDS,
  summary: 'Shows the status of imports. Exit code 3 if one is unknown.',
  options: OPTIONS,
  async run({ values, positionals, terminal }: Invocation) {
    const { api, supplier } = await supplierService(values);
    const found: Status[] = [];
    let unknown = 0;
    for (const identifier of positionals) {
      const reply = await api.call('status', { parameters: { supplier, identifier } });
      if (reply.status === 200) found.push({ external_identifier: identifier, ...reply.body });
      else if (reply.status === 404) {
        unknown += 1;
        terminal.note(`${supplier} has no import ${identifier}.`);
      } else throw refused(reply, api.host);
    }
    terminal.table(found.map(rowOf), COLUMNS);
    return unknown === 0 ? EXIT.ok : EXIT.rowsFailed;
  },
};

/** Reads all imports with a status, page by page. */
export async function* listed(
  api: Service,
  supplier: string,
  wanted: ImportStatus | undefined,
): AsyncGenerator<Status> {
  let cursor: string | undefined;
  do {
    const page = await api.get('list', {
      parameters: { supplier },
      query: { status: wanted, page_size: 100, cursor },
    });
    yield* page.results;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

const STATUS_OPTION = {
  status: { type: 'string' as const, value: 'STATUS', description: IMPORT_STATUSES.join(', ') },
};

/** @throws UsageError for a status that does not exist */
export function statusOption(values: Values): ImportStatus | undefined {
  const given = values['status'] as string | undefined;
  if (given === undefined) return undefined;
  const status = IMPORT_STATUSES.find((each) => each === given);
  if (status !== undefined) return status;
  throw new UsageError(
    `--status must be one of ${IMPORT_STATUSES.join(', ')}, not ${JSON.stringify(given)}.`,
  );
}

/** `supply-points list` */
export const list: Command = {
  name: 'list',
  summary: 'Lists a supplier’s imports, the latest change first.',
  options: {
    ...OPTIONS,
    ...STATUS_OPTION,
    limit: { type: 'string', value: 'N', description: 'how many at most (100)' },
  },
  async run({ values, terminal }: Invocation) {
    const wanted = statusOption(values);
    const limit = wholeNumber(values, 'limit', 100, 1, 10_000_000);
    const { api, supplier } = await supplierService(values);
    let rows: ReturnType<typeof rowOf>[] = [];
    let shown = 0;
    for await (const each of listed(api, supplier, wanted)) {
      rows.push(rowOf(each));
      shown += 1;
      // Pages are written as they come, because a list may have a million lines.
      if (terminal.isJson && rows.length === 100) {
        terminal.table(rows, COLUMNS);
        rows = [];
      }
      if (shown === limit) break;
    }
    terminal.table(rows, COLUMNS);
    if (shown === 0)
      terminal.note(`${supplier} has no imports${wanted === undefined ? '' : ` that are ${wanted}`}.`);
    return EXIT.ok;
  },
};

/** `supply-points history ID` */
export const history: Command = {
  name: 'history',
  argument: { name: 'ID', min: 1, max: 1 },
  summary: 'Shows what happened to an import: attempts, times and errors.',
  options: OPTIONS,
  async run({ values, positionals: [identifier = ''], terminal }: Invocation) {
    const { api, supplier } = await supplierService(values);
    const { results, ...rest } = await api.get('history', { parameters: { supplier, identifier } });
    terminal.text(
      `${rest.is_dry_run ? 'dry run' : 'import'}, may start from ${rest.schedule_window_start} to ${rest.schedule_window_end}`,
    );
    terminal.table(
      (results as { error: { code: string } | null }[]).map((event) => ({
        ...event,
        error: event.error?.code ?? null,
      })),
      ['at', 'event', 'attempt', 'status', 'error'] as never,
    );
    return EXIT.ok;
  },
};

/** `supply-points show ID` */
export const show: Command = {
  name: 'show',
  argument: { name: 'ID', min: 1, max: 1 },
  summary: 'Shows the supply point that an import created, with its personal data (operators only).',
  options: OPTIONS,
  async run({ values, positionals: [identifier = ''], terminal }: Invocation) {
    const { api, supplier } = await supplierService(values);
    const created = await api.get('created', { parameters: { supplier, identifier } });
    terminal.data(created, JSON.stringify(created, null, 2));
    return EXIT.ok;
  },
};
