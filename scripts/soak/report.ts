import type { Census } from './census.ts';
import type { Answers } from './client.ts';
import type { Memory } from './memory.ts';
import type { SoakOptions } from './options.ts';

/**
 * What the process may grow by between the warm host and the end, in MiB. The records are no part of it: they are in a
 * folder. What is: caches of the emulators and of threads that are new since, and what the allocator keeps.
 */
const GROWTH_MIB_MAX = 150;

/** What came of a soak. */
export type Soak = {
  answers: Answers;
  census: Census;
  open: number;
  /** Imports whose messages used up their deliveries, and that were tried again by the operator's redrive. */
  redriven: number;
  kills: number;
  seconds: { posting: number; all: number };
  /** At the start, with each tenth of the imports, and at the end. */
  memory: Memory[];
};

/** By how much the end, MiB of the process, is above the highest of the first half. */
function growthOf(measured: readonly Memory[]): number {
  const firstHalf = measured.slice(0, Math.ceil(measured.length / 2)).map(({ held }) => held);
  return measured.at(-1)!.held - Math.max(...firstHalf);
}

/** What must hold after a soak, whatever was killed. */
export function violations(
  { imports }: SoakOptions,
  { answers, census: found, open, memory: measured }: Soak,
): string[] {
  const processed = found.byStatus['PROCESSED'] ?? 0;
  const growth = growthOf(measured);
  const checks: [boolean, string][] = [
    [answers.refused.length === 0, `refused: ${answers.refused.join('; ')}`],
    [answers.accepted === imports, `${answers.accepted} of ${imports} imports were accepted`],
    [open === 0, `${open} imports had not ended in time`],
    [found.imports === answers.accepted, `${found.imports} records for ${answers.accepted} accepted imports`],
    [
      processed === answers.accepted,
      `${processed} of ${answers.accepted} are PROCESSED: ${JSON.stringify(found.errors)}`,
    ],
    [
      found.supplyPoints === processed,
      `${found.supplyPoints} supply points for ${processed} processed imports`,
    ],
    [found.unexplained === 0, `${found.unexplained} supply points and imports do not belong to each other`],
    [found.endedTwice === 0, `${found.endedTwice} imports ended more than once`],
    [growth <= GROWTH_MIB_MAX, `memory grew by ${growth} MiB, of ${GROWTH_MIB_MAX} that it may`],
  ];
  return checks.filter(([holds]) => !holds).map(([, says]) => says);
}

/** What came of a soak, for people. */
export function report({
  answers,
  census: found,
  redriven,
  kills,
  seconds: took,
  memory: measured,
}: Soak): string {
  return `
  accepted       ${answers.accepted} in ${took.posting} s: ${Math.round(answers.accepted / took.posting)} a second
  sent again     ${JSON.stringify(answers.repeated)} by clients
  ended          ${JSON.stringify(found.byStatus)} after ${took.all} s: ${Math.round(found.imports / took.all)} a second
  supply points  ${found.supplyPoints}, ${found.unexplained} unexplained; ${found.endedTwice} imports ended twice
  kills          ${kills}; ${found.takenOver} runs taken over, ${found.sentAgain} messages sent again by the sweeper, ${redriven} imports redriven
  memory, MiB    ${measured.map(({ held }) => held).join(' ')}
  heap, MiB      ${measured.map(({ heap }) => heap).join(' ')}`;
}
