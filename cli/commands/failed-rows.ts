import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CliError,
  type Command,
  EXIT,
  type Invocation,
  SERVICE_OPTIONS,
  SUPPLIER_OPTION,
} from '../command.ts';
import type { Service } from '../service.ts';
import { supplierService } from '../supplier.ts';
import type { Terminal } from '../terminal.ts';

const OPTIONS = { ...SERVICE_OPTIONS, ...SUPPLIER_OPTION };
/** How long the file of failed rows may take after the end of its drop. */
const CORRECTED_FILE_WITHIN_MS = 60_000;
const DROP = { name: 'DROP', min: 1, max: 1 };

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
    for await (const row of failedRowsOf(api, supplier, drop)) {
      const shown = terminal.isJson ? row : { ...row, errors: JSON.stringify(row.errors) };
      terminal.table([shown], ['line', 'identifier', 'outcome', 'errors']);
    }
    return EXIT.ok;
  },
};

/** Reads the failed rows of a drop, page by page. */
export async function* failedRowsOf(api: Service, supplier: string, drop: string) {
  let cursor: string | undefined;
  do {
    const page = await failedRowsPage(api, supplier, drop, cursor);
    yield* page.results;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

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
