import type { ImportSupplier, SupplierRegistry } from '../suppliers/registry.ts';
import {
  type Drop,
  type DropProblem,
  type DropSource,
  dropId,
  noFinalStates,
  noRows,
  parseDropKey,
  reportKey,
} from './drop.ts';
import { isRanged, kindOf } from './formats/drop-kind.ts';
import type { ObjectStore } from './objects.ts';
import type { DropQueue, DropTask } from './queue.ts';
import { refusalSummary } from './reporting/report.ts';
import type { DropStore } from './store.ts';

const MIB = 1024 * 1024;

/** Maximum number of ranges per file, because the drop's item stores the numbers of the finished ones. Larger files have larger ranges. */
export const RANGES_MAX = 1000;
/** Largest file that is read in ranges. */
export const RANGED_BYTES_MAX = 100 * 1024 * MIB;
/** Largest file that is read as one stream, because continuing a stream decompresses it again from the start. */
export const STREAMED_BYTES_MAX = 5 * 1024 * MIB;

/** The size of the largest file that is read, in bytes. */
export const bytesMaxOf = (isRangedFile: boolean): number =>
  isRangedFile ? RANGED_BYTES_MAX : STREAMED_BYTES_MAX;

export const UNKNOWN_KIND =
  'The name must end in .ndjson, .jsonl, .json, .csv or .tsv, or in one of these and .gz.';

/** The result of a notification, for the log. Without file names, which may be personal data, and without unregistered suppliers. */
export type PlanOutcome =
  | { kind: 'planned'; drop: string; importSupplier: string }
  | { kind: 'known'; drop: string }
  | { kind: 'refused'; drop: string; code: DropProblem['code'] }
  | { kind: 'no_drop' };

type Dependencies = {
  drops: DropStore;
  objects: ObjectStore;
  queue: DropQueue;
  suppliers: SupplierRegistry;
  rangeBytes: number;
};

/**
 * Plans a dropped file: pins its version and enqueues tasks that read it in byte ranges or as one stream. Or refuses it and writes a
 * report with the reason. Idempotent: a repeated notification enqueues the same tasks again, and these are idempotent.
 *
 * `now` is epoch ms. @throws the clients' errors.
 */
export function planDrop({ drops, objects, queue, suppliers, rangeBytes }: Dependencies) {
  const refuse = async (drop: Drop, problem: DropProblem): Promise<PlanOutcome> => {
    await drops.create({ ...drop, state: 'REFUSED', problem });
    const summary = refusalSummary(drop, problem);
    await objects.put(drop.bucket, reportKey(drop, 'summary.json'), summary, 'application/json');
    return { kind: 'refused', drop: drop.id, code: problem.code };
  };

  return async (bucket: string, key: string, now: number): Promise<PlanOutcome> => {
    const found = await objects.head(bucket, key);
    // The file was deleted before it was planned, so there is nothing to read or to report.
    if (found === undefined) return { kind: 'no_drop' };
    const known = await drops.get(dropId(found.source));
    if (known?.state === 'REFUSED') return refuse(known, known.problem!);
    if (known !== undefined && known.state !== 'READING') return { kind: 'known', drop: known.id };

    const drop = known ?? newDrop(found.source, found.sizeBytes, rangeBytes, now);
    if (known === undefined) {
      // DynamoDB rejects an empty key.
      const supplier = drop.import_supplier === '' ? undefined : await suppliers.get(drop.import_supplier);
      const problem = rejectionReason(drop, supplier);
      if (problem) return refuse(drop, problem);
      await drops.create({ ...drop, ignores_unknown_columns: supplier?.ignores_unknown_columns });
    }
    await queue.send(drop.import_supplier, tasksOf(drop));
    if (known !== undefined) return { kind: 'known', drop: drop.id };
    return { kind: 'planned', drop: drop.id, importSupplier: drop.import_supplier };
  };
}

/** Returns a drop in its initial state. `now` is epoch ms. */
export function newDrop(source: DropSource, sizeBytes: number, rangeBytesLeast: number, now: number): Drop {
  const kind = kindOf(source.key);
  const rangeBytes = Math.max(rangeBytesLeast, Math.ceil(sizeBytes / RANGES_MAX));
  return {
    id: dropId(source),
    ...source,
    import_supplier: parseDropKey(source.key)?.importSupplier ?? '',
    size_bytes: sizeBytes,
    state: 'READING',
    ...(kind !== undefined && isRanged(kind)
      ? { range_bytes: rangeBytes, parts_total: Math.max(1, Math.ceil(sizeBytes / rangeBytes)) }
      : {}),
    ...noRows(),
    ...noFinalStates(),
    other: 0,
    created_at: now,
    modified_at: now,
  };
}

function rejectionReason(drop: Drop, supplier: ImportSupplier | undefined): DropProblem | undefined {
  const { key, size_bytes: sizeBytes } = drop;
  const place = parseDropKey(key);
  if (place === undefined) {
    return { code: 'no_import_supplier', detail: 'Drop files as drops/<import supplier>/<name>.' };
  }
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
    return { code: 'unknown_kind_of_file', detail: UNKNOWN_KIND };
  }
  const bytesMax = bytesMaxOf(isRanged(kind));
  if (sizeBytes > bytesMax) {
    return {
      code: 'too_large',
      detail: `The file has ${sizeBytes} bytes; files of its kind may have ${bytesMax}.`,
    };
  }
  return undefined;
}

/** Returns the tasks that read a drop. The range size is the stored one, because it may have been reconfigured since the drop was planned. */
function tasksOf({ id, size_bytes, range_bytes, parts_total = 0 }: Drop): DropTask[] {
  if (range_bytes === undefined) return [{ task: 'stream', drop: id, part: 0, offset: 0, line: 1 }];
  return Array.from({ length: parts_total }, (_, part) => ({
    task: 'range' as const,
    drop: id,
    part,
    start: part * range_bytes,
    end: Math.min((part + 1) * range_bytes, size_bytes),
  }));
}
