import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { importCounts } from '../../shared/imports/storage/import-counts.ts';
import { importIndex } from '../../shared/imports/storage/import-index.ts';
import { countImports } from '../../shared/imports/use-cases/count-imports.ts';
import { FOREVER } from '../support/lifetime.ts';
import { type Simulation, SUPPLIERS } from './simulation.ts';

/** Longer than a count is returned again. */
const COUNT_AGE_SECONDS = 6;

/** Checks that the counts of each supplier's imports are those of the records, once all is at rest. Returns the violations. */
export async function countViolations({ clients, tables, advance }: Simulation): Promise<string[]> {
  advance(COUNT_AGE_SECONDS);
  const table = tables['import-processes']!;
  const count = countImports({
    index: importIndex(clients.dynamodb, table, FOREVER),
    counts: importCounts(clients.dynamodb, tables['registry']!),
    clock: Date.now,
  });
  const found: string[] = [];
  for (const supplier of SUPPLIERS) {
    const expected: Record<string, number> = {};
    for await (const { Items = [] } of paginateScan({ client: clients.dynamodb }, { TableName: table }))
      for (const { id, status } of Items)
        if (id.startsWith(`${supplier}#`)) expected[status] = (expected[status] ?? 0) + 1;
    const { byStatus, isExact } = await count(supplier);
    if (!isExact) found.push(`${supplier}: the counts are not exact`);
    for (const [status, entries] of Object.entries(byStatus))
      if (entries !== (expected[status] ?? 0))
        found.push(`${supplier}: ${entries} counted as ${status} of ${expected[status] ?? 0}`);
  }
  return found;
}
