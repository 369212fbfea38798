import type { PostResults } from './client.ts';
import type { Memory } from './memory.ts';
import type { SoakOptions } from './options.ts';
import type { TableCounts } from './table-counts.ts';

/**
 * The most MiB by which the process may grow. The records are on disk. The rest grows by caches of the emulators, by new threads,
 * and by memory that the allocator keeps.
 */
const GROWTH_MIB_MAX = 150;

/** The results of a soak. */
export type Soak = {
  posts: PostResults;
  tableCounts: TableCounts;
  open: number;
  /** Imports that ended ERRORED after too many killed workers and were redriven. */
  redriven: number;
  kills: number;
  seconds: { posting: number; all: number };
  /** Measured at the start, after each tenth of the imports, and at the end. */
  memory: Memory[];
};

/** The growth in MiB from the highest measurement of the first half to the last one. */
function growthOf(measured: readonly Memory[]): number {
  const firstHalf = measured.slice(0, Math.ceil(measured.length / 2)).map(({ held }) => held);
  return measured.at(-1)!.held - Math.max(...firstHalf);
}

/** The violated conditions of a soak. */
export function violations(
  { imports }: SoakOptions,
  { posts, tableCounts: found, open, memory: measured }: Soak,
): string[] {
  const processed = found.byStatus['PROCESSED'] ?? 0;
  const growth = growthOf(measured);
  const checks: [boolean, string][] = [
    [posts.rejected.length === 0, `rejected: ${posts.rejected.join('; ')}`],
    [posts.accepted === imports, `${posts.accepted} of ${imports} imports were accepted`],
    [open === 0, `${open} imports did not finish in time`],
    [found.imports === posts.accepted, `${found.imports} records for ${posts.accepted} accepted imports`],
    [
      processed === posts.accepted,
      `${processed} of ${posts.accepted} are PROCESSED: ${JSON.stringify(found.errors)}`,
    ],
    [
      found.supplyPoints === processed,
      `${found.supplyPoints} supply points for ${processed} processed imports`,
    ],
    [found.mismatched === 0, `${found.mismatched} supply points or imports have no counterpart`],
    [found.finishedTwice === 0, `${found.finishedTwice} imports finished more than once`],
    [growth <= GROWTH_MIB_MAX, `memory grew by ${growth} MiB, more than ${GROWTH_MIB_MAX}`],
  ];
  return checks.filter(([holds]) => !holds).map(([, violation]) => violation);
}

/** The results as text. */
export function report({
  posts,
  tableCounts: found,
  redriven,
  kills,
  seconds: took,
  memory: measured,
}: Soak): string {
  return `
  accepted       ${posts.accepted} in ${took.posting} s: ${Math.round(posts.accepted / took.posting)} a second
  retried        ${JSON.stringify(posts.retried)} by clients
  finished       ${JSON.stringify(found.byStatus)} after ${took.all} s: ${Math.round(found.imports / took.all)} a second
  supply points  ${found.supplyPoints}, ${found.mismatched} without a counterpart; ${found.finishedTwice} imports finished twice
  kills          ${kills}; ${found.reclaimed} claims of dead workers taken over, ${found.resent} messages resent by the sweeper, ${redriven} imports redriven
  memory, MiB    ${measured.map(({ held }) => held).join(' ')}
  heap, MiB      ${measured.map(({ heap }) => heap).join(' ')}`;
}
