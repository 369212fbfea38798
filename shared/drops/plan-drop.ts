import type { SupplierRegistry } from '../suppliers/registry.ts';
import {
  type Drop,
  type DropProblem,
  type DropSource,
  dropId,
  noRows,
  parseDropKey,
  reportKey,
} from './drop.ts';
import type { ObjectStore } from './objects.ts';
import type { DropQueue, DropTask } from './queue.ts';
import { refusalSummary } from './report.ts';
import { type DropKind, isRanged, kindOf } from './rows/kinds.ts';
import type { DropStore } from './store.ts';

const MIB = 1024 * 1024;

/** Most ranges that a file is cut into: their numbers are kept together in the drop's record. Larger files have larger ranges. */
export const RANGES_MAX = 1000;
/** Largest file that is cut into ranges. */
export const RANGED_BYTES_MAX = 100 * 1024 * MIB;
/** Largest file that is read as one stream: to go on in it is to unpack what was read before. */
export const STREAMED_BYTES_MAX = 5 * 1024 * MIB;

export type PlanOutcome =
  | { kind: 'planned' | 'known'; drop: string }
  | { kind: 'refused'; drop: string; problem: DropProblem }
  | { kind: 'no_drop' };

type Parts = {
  drops: DropStore;
  objects: ObjectStore;
  queue: DropQueue;
  suppliers: SupplierRegistry;
  rangeBytes: number;
};

/**
 * Plans a dropped file: pins its version, and has it read in byte ranges or as one stream; or refuses it with a report that says why.
 * The same notification again, or late, finds the drop and has it read again, which does nothing twice.
 *
 * `now` is epoch ms. @throws what the clients throw.
 */
export function planDrop({ drops, objects, queue, suppliers, rangeBytes }: Parts) {
  return async (bucket: string, key: string, now: number): Promise<PlanOutcome> => {
    const place = parseDropKey(key);
    const found = await objects.head(bucket, key);
    // A drop that was deleted before it was planned leaves nothing to read and nobody to report to.
    if (found === undefined) return { kind: 'no_drop' };
    const source: DropSource = { bucket, key, etag: found.etag };
    const drop = newDrop(source, place?.importSupplier ?? '', found.sizeBytes, now);

    const problem = await whyNot(key, found.sizeBytes, suppliers);
    if (problem !== undefined) {
      await drops.create({ ...drop, state: 'REFUSED', problem });
      await objects.put(
        bucket,
        reportKey(source, 'summary.json'),
        refusalSummary(drop, problem),
        'application/json',
      );
      return { kind: 'refused', drop: drop.id, problem };
    }
    const tasks = tasksOf(drop.id, kindOf(key)!, found.sizeBytes, rangeBytes);
    const isNew = await drops.create({
      ...drop,
      ...(isRanged(kindOf(key)!) ? { parts_total: tasks.length } : {}),
    });
    if (!isNew && (await drops.get(drop.id))?.state !== 'READING') return { kind: 'known', drop: drop.id };
    await queue.send(drop.import_supplier, tasks);
    return { kind: isNew ? 'planned' : 'known', drop: drop.id };
  };
}

function newDrop(source: DropSource, importSupplier: string, sizeBytes: number, now: number): Drop {
  return {
    id: dropId(source),
    ...source,
    import_supplier: importSupplier,
    size_bytes: sizeBytes,
    state: 'READING',
    ...noRows(),
    processed: 0,
    errored: 0,
    other: 0,
    created_at: now,
    modified_at: now,
  };
}

async function whyNot(
  key: string,
  sizeBytes: number,
  suppliers: SupplierRegistry,
): Promise<DropProblem | undefined> {
  const place = parseDropKey(key);
  if (place === undefined) {
    return { code: 'no_import_supplier', detail: 'Drop files as drops/<import supplier>/<name>.' };
  }
  const supplier = await suppliers.get(place.importSupplier);
  if (supplier === undefined) {
    return {
      code: 'unknown_import_supplier',
      detail: `There is no import supplier ${place.importSupplier}.`,
    };
  }
  if (supplier.migration !== 'open') {
    const detail = `The migration of the import supplier ${supplier.code} is not ongoing.`;
    return { code: 'import_supplier_migration_not_ongoing', detail };
  }
  const kind = kindOf(key);
  if (kind === undefined) {
    const detail = 'The name must end in .ndjson, .jsonl, .json or .csv, or in one of these and .gz.';
    return { code: 'unknown_kind_of_file', detail };
  }
  const bytesMax = isRanged(kind) ? RANGED_BYTES_MAX : STREAMED_BYTES_MAX;
  if (sizeBytes > bytesMax) {
    return {
      code: 'too_large',
      detail: `The file has ${sizeBytes} bytes; files of its kind may have ${bytesMax}.`,
    };
  }
  return undefined;
}

function tasksOf(drop: string, kind: DropKind, sizeBytes: number, rangeBytes: number): DropTask[] {
  if (!isRanged(kind)) return [{ task: 'stream', drop, part: 0, offset: 0, line: 1 }];
  const bytes = Math.max(rangeBytes, Math.ceil(sizeBytes / RANGES_MAX));
  const ranges = Math.max(1, Math.ceil(sizeBytes / bytes));
  return Array.from({ length: ranges }, (_, part) => ({
    task: 'range' as const,
    drop,
    part,
    start: part * bytes,
    end: Math.min((part + 1) * bytes, sizeBytes),
  }));
}
