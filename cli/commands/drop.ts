import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
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
import { dropOutcome, followDrop } from './drops.ts';
import { type Uploading, uploadFile } from './upload.ts';

const POLL_MS = 1000;
/** How long the service may take to notice an uploaded file. S3 notifies within seconds, and usually at once. */
const NOTICED_WITHIN_MS = 10 * 60_000;

/** What a run of `drop` has done: the state from which the next one goes on. */
type DropRun = Uploading & {
  host: string;
  supplier: string;
  modified: number;
  /** The drops of the same name before the upload. Another one is ours. */
  earlier: string[];
  isUploaded: boolean;
  drop?: string | undefined;
};

/** `supply-points drop FILE` */
export const drop: Command = {
  name: 'drop',
  argument: { name: 'FILE', min: 1, max: 1 },
  summary:
    'Uploads a file to be imported as a drop, and follows it to its end. A run that was stopped goes on where it was.',
  description: `What was done is kept in FILE.drop.json until the drop has ended, so that a file is not dropped twice. Exit code 3 if rows failed.`,
  options: {
    ...SERVICE_OPTIONS,
    ...SUPPLIER_OPTION,
    'no-wait': { type: 'boolean', description: 'do not follow the drop after the upload' },
  },
  run,
};

async function run({ values, positionals: [file = ''], terminal }: Invocation): Promise<number> {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile() !== true) throw new CliError(`There is no file ${file}. Nothing was done.`);
  const { api, supplier } = await supplierService(values);
  const name = basename(file);
  const path = `${file}.drop.json`;
  const identity = { host: api.host, supplier, name, bytes: found.size, modified: Math.floor(found.mtimeMs) };
  const begun = readRun(path, identity) ?? {
    ...identity,
    earlier: await dropsNamed(api, supplier, name),
    isUploaded: false,
  };
  writeRun(path, begun);
  // A run that was killed after its upload finds the drop.
  const ours = async () => (await dropsNamed(api, supplier, name)).find((id) => !begun.earlier.includes(id));
  begun.drop ??= await ours();
  if (begun.drop === undefined && !begun.isUploaded) {
    const save = (): void => writeRun(path, begun);
    await uploadFile(api, supplier, file, begun, { save, terminal });
    begun.isUploaded = true;
    delete begun.multipart;
    save();
  }
  begun.drop ??= await noticed(ours, name);
  writeRun(path, begun);
  terminal.note(`${name} is the drop ${begun.drop}.`);
  if (values['no-wait'] === true) {
    terminal.data({ drop: begun.drop }, `next: supply-points drop-status ${begun.drop}`);
    return EXIT.ok;
  }
  const ended = await followDrop(api, supplier, begun.drop, terminal);
  rmSync(path, { force: true });
  return dropOutcome(ended, terminal);
}

function readRun(
  path: string,
  identity: Omit<DropRun, 'earlier' | 'isUploaded' | 'multipart' | 'drop'>,
): DropRun | undefined {
  let run: DropRun;
  try {
    run = JSON.parse(readFileSync(path, 'utf8')) as DropRun;
  } catch {
    return undefined;
  }
  const isSame = (['host', 'supplier', 'name', 'bytes', 'modified'] as const).every(
    (key) => run[key] === identity[key],
  );
  // The file was changed or is for another service: that is another drop.
  return isSame ? run : undefined;
}

function writeRun(path: string, run: DropRun): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(run)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Returns the ids of the newest drops with this name. */
async function dropsNamed(api: Service, supplier: string, name: string): Promise<string[]> {
  const page = await api.get('drops-list', { parameters: { supplier }, query: { page_size: 100 } });
  return page.results.filter((each) => each.name === name).map((each) => each.drop);
}

async function noticed(ours: () => Promise<string | undefined>, name: string): Promise<string> {
  const until = performance.now() + NOTICED_WITHIN_MS;
  while (performance.now() < until) {
    const found = await ours();
    if (found !== undefined) return found;
    await sleep(POLL_MS);
  }
  throw new CliError(`${name} was uploaded, but the service has not begun to read it.`, {
    next: 'supply-points drops',
  });
}
