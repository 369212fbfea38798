import { isSubmittedRow } from '../../imports/model/transitions.ts';
import type { ImportStore } from '../../imports/storage/store.ts';
import { mapConcurrently } from '../../map-concurrently.ts';
import type { DropRow } from '../formats/row.ts';
import type { RowOutcome } from '../reporting/tally.ts';
import { type RowsDrop, rowCheck } from './check-row.ts';
import { WRITES_AT_ONCE_MAX } from './submit-rows.ts';

/**
 * Finds the rows of a cancelled drop that an earlier run of its part submitted before it failed. Submits nothing. The other rows have no
 * outcome: they are not read.
 *
 * @throws the clients' errors
 */
export function recountRows(imports: ImportStore, drop: RowsDrop, timeZone: string) {
  const check = rowCheck(drop, timeZone);
  return (rows: readonly DropRow[], now: number): Promise<(RowOutcome | undefined)[]> =>
    mapConcurrently(rows, WRITES_AT_ONCE_MAX, async (row) => {
      const checked = check(row, now);
      if ('outcome' in checked) return undefined;
      const { identifier } = checked;
      const found = await imports.get({
        importSupplier: drop.import_supplier,
        externalIdentifier: identifier,
      });
      const isSubmitted = found !== undefined && isSubmittedRow(found, { drop: drop.id, offset: row.offset });
      return isSubmitted ? { kind: 'accepted', identifier } : undefined;
    });
}
