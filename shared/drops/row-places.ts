import type { DropRowPlace } from '../imports/model/transitions.ts';
import { DROPS_PREFIX, type Drop } from './drop.ts';
import { linesBeforePart } from './reporting/report.ts';
import type { DropStore } from './store.ts';

/** A row of a dropped file. `name` and `line` are undefined if they are not known, or not any more. */
export type RowPlace = { drop: string; name: string | undefined; line: number | undefined; offset: number };

/** Returns where rows are in their files. The records of drops expire: after that only id and offset are known. @throws the client's errors */
export function placesOfRows(drops: Pick<DropStore, 'get' | 'parts'>) {
  return (rows: readonly DropRowPlace[]): Promise<RowPlace[]> =>
    Promise.all(
      rows.map(async ({ drop: id, offset, line }) => {
        const drop = await drops.get(id);
        return {
          drop: id,
          name: drop === undefined ? undefined : nameOf(drop),
          line:
            drop === undefined || line === undefined
              ? undefined
              : await lineInFile(drops, drop, { offset, line }),
          offset,
        };
      }),
    );
}

/** The name of a file below its supplier's folder. */
const nameOf = ({ key, import_supplier }: Drop): string =>
  key.slice(DROPS_PREFIX.length + import_supplier.length + 1);

/** The line of a row is its line in the file, or in its byte range if the file is read in ranges. */
async function lineInFile(
  drops: Pick<DropStore, 'parts'>,
  { id, range_bytes }: Drop,
  { offset, line }: { offset: number; line: number },
): Promise<number | undefined> {
  if (range_bytes === undefined) return line;
  const number = Math.floor(offset / range_bytes);
  const before = number === 0 ? 0 : linesBeforePart(await drops.parts(id), number);
  return before === undefined ? undefined : before + line;
}
