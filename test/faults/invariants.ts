import { DETAIL_TYPES } from '../../shared/events/outcome-schemas.ts';
import { historyEvents, outcomeOf } from '../../shared/imports/model/history.ts';
import type { ImportProcess } from '../../shared/imports/model/import-process.ts';
import { isFinal, TRANSITIONS } from '../../shared/imports/model/transitions.ts';
import { krakenIdentifier } from '../../shared/supply-points/kraken-identifier.ts';
import type { AcceptedImport } from './flows.ts';
import { type Simulation, SUPPLIERS } from './simulation.ts';

/**
 * Checks the imports of an identifier after everything has settled, and returns the violations. Invariants: no accepted import is
 * lost; every import has a final status; a supply point exists exactly if its import is PROCESSED; errors, transitions and
 * outcome events match the status.
 */
export async function importViolations(
  simulation: Simulation,
  identifier: string,
  accepted: readonly AcceptedImport[],
): Promise<string[]> {
  const created = await simulation.supplyPoints.get(identifier);
  const found: string[] = [];
  for (const importSupplier of SUPPLIERS) {
    const acceptedHere = accepted.filter((promise) => promise.importSupplier === importSupplier);
    const record = await simulation.imports.get({ importSupplier, externalIdentifier: identifier });
    const isItsOwn = created?.import_supplier === importSupplier;
    const wrong =
      record === undefined
        ? [
            acceptedHere.length > 0 && 'accepted with 201 and lost',
            isItsOwn && 'supply point without an import',
          ]
        : [
            ...wrongStatus(record, isItsOwn, acceptedHere),
            ...wrongHistory(record),
            ...missingEvents(simulation, record),
          ];
    found.push(...wrong.filter((text) => text !== false).map((text) => `${importSupplier}: ${text}`));
  }
  return found;
}

function wrongStatus(record: ImportProcess, isCreated: boolean, acceptedHere: readonly AcceptedImport[]) {
  const { status, latest_error, kraken_identifier, id } = record;
  const isErrored = status === 'ERRORED' || status === 'DRY_RUN_ERRORED';
  const reportedStatus = acceptedHere.find((promise) => promise.reportedStatus !== undefined)?.reportedStatus;
  return [
    !isFinal(status) && `still ${status}`,
    isCreated !== (status === 'PROCESSED') &&
      `${status}, but its supply point ${isCreated ? 'exists' : 'does not exist'}`,
    status === 'PROCESSED' &&
      kraken_identifier !== krakenIdentifier(id.split('#')[1]!) &&
      'wrong kraken_identifier',
    isErrored !== (latest_error !== undefined) &&
      `${status} ${isErrored ? 'without a' : 'with a'} latest_error`,
    reportedStatus !== undefined &&
      reportedStatus !== status &&
      `${status}, although a response reported ${reportedStatus}`,
  ];
}

/** Checks that the table of transitions has each change of status, and that each attempt finishes once. */
function wrongHistory(record: ImportProcess): (string | false)[] {
  const events = historyEvents(record);
  const changes = events.filter(({ event }) => !event.startsWith('sent'));
  const illegal = changes.slice(1).map(({ status }, index) => {
    const before = changes[index]!.status!;
    return !TRANSITIONS[before].includes(status!) && `${before} → ${status}`;
  });
  const finished = changes.filter(({ status }) => isFinal(status!)).map(({ attempt }) => attempt);
  return [
    ...illegal,
    changes[0]?.status !== 'PENDING' && `created as ${changes[0]?.status}`,
    new Set(finished).size !== finished.length && 'an attempt finished twice',
    changes.at(-1)?.status !== record.status && 'the last status of its history is another',
  ];
}

function missingEvents({ events }: Simulation, record: ImportProcess): (string | false)[] {
  const attempts = Array.from({ length: record.attempt }, (_, index) => index + 1);
  return attempts.map((attempt) => {
    const outcome = outcomeOf(record, attempt);
    if (outcome === undefined) return false;
    const isPublished = events().some(
      ({ detail, ...event }) =>
        event['detail-type'] === DETAIL_TYPES[outcome.status] &&
        isDetailOf(detail as Record<string, unknown>, record.id, attempt),
    );
    return !isPublished && `no event for attempt ${attempt}, which finished ${outcome.status}`;
  });
}

const isDetailOf = (detail: Record<string, unknown>, id: string, attempt: number): boolean =>
  `${detail['import_supplier']}#${detail['external_identifier']}` === id && detail['attempt'] === attempt;
