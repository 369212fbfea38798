import { BATCH_GET_ITEMS_MAX } from '../imports/storage/batch-get.ts';
import type { ImportStore } from '../imports/storage/store.ts';
import type { cancelImport } from '../imports/use-cases/cancel-import.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import type { Drop } from './drop.ts';
import type { AcceptedRow } from './reporting/part-output.ts';

export type CancelImport = ReturnType<typeof cancelImport>;

/** Maximum number of concurrent cancellations per run. */
const CANCELLED_AT_ONCE_MAX = 48;

/**
 * Cancels the PENDING imports among a drop's accepted rows. Idempotent. An import whose last submission is another one, of the endpoint or
 * of another drop, is not the drop's any more and stays.
 *
 * @returns the number of imports that this call cancelled
 * @throws the clients' errors. The call must be repeated.
 */
export async function cancelPending(
  { imports, cancelImport }: { imports: ImportStore; cancelImport: CancelImport },
  { id, import_supplier: importSupplier }: Drop,
  accepted: readonly AcceptedRow[],
  now: number,
): Promise<number> {
  let cancelled = 0;
  for (let from = 0; from < accepted.length; from += BATCH_GET_ITEMS_MAX) {
    const rows = accepted.slice(from, from + BATCH_GET_ITEMS_MAX);
    const keys = rows.map(({ identifier }) => ({ importSupplier, externalIdentifier: identifier }));
    const statuses = await imports.statuses(keys);
    const pending = rows.flatMap((row, index) => {
      const isPending = statuses[index]?.status === 'PENDING' && row.offset !== undefined;
      return isPending ? [{ key: keys[index]!, row: { drop: id, offset: row.offset! } }] : [];
    });
    const outcomes = await mapConcurrently(pending, CANCELLED_AT_ONCE_MAX, ({ key, row }) =>
      cancelImport(key, now, row),
    );
    cancelled += outcomes.filter((outcome) => outcome.kind === 'done' && outcome.changed).length;
  }
  return cancelled;
}
