import { DETAIL_TYPES } from '../../shared/events/outcome-schemas.ts';
import { historyEvents, outcomeOf } from '../../shared/imports/history.ts';
import type { ImportProcess } from '../../shared/imports/import-process.ts';
import { isFinal, TRANSITIONS } from '../../shared/imports/transitions.ts';
import { krakenIdentifier } from '../../shared/supply-points/store.ts';
import type { Promised } from './flows.ts';
import { SUPPLIERS, type World } from './world.ts';

/**
 * What must hold of an identifier's imports when everything has settled, whatever failed; answers what does not. Nothing that was
 * promised is lost; nothing hangs; a supply point is there exactly where PROCESSED says so; reasons, transitions and events are
 * the truth.
 */
export async function importViolations(
  world: World,
  identifier: string,
  promised: readonly Promised[],
): Promise<string[]> {
  const created = await world.supplyPoints.get(identifier);
  const found: string[] = [];
  for (const importSupplier of SUPPLIERS) {
    const promises = promised.filter((promise) => promise.importSupplier === importSupplier);
    const record = await world.imports.get({ importSupplier, externalIdentifier: identifier });
    const isItsOwn = created?.import_supplier === importSupplier;
    const wrong =
      record === undefined
        ? [promises.length > 0 && 'answered 201 and lost', isItsOwn && 'created without a record']
        : [...wrongEnd(record, isItsOwn, promises), ...wrongHistory(record), ...missingEvents(world, record)];
    found.push(...wrong.filter((text) => text !== false).map((text) => `${importSupplier}: ${text}`));
  }
  return found;
}

function wrongEnd(record: ImportProcess, isCreated: boolean, promises: readonly Promised[]) {
  const { status, latest_error, kraken_identifier, id } = record;
  const isErrored = status === 'ERRORED' || status === 'DRY_RUN_ERRORED';
  const told = promises.find((promise) => promise.told !== undefined)?.told;
  return [
    !isFinal(status) && `hangs ${status}`,
    isCreated !== (status === 'PROCESSED') &&
      `${status}, but its supply point is ${isCreated ? '' : 'not '}there`,
    status === 'PROCESSED' &&
      kraken_identifier !== krakenIdentifier(id.split('#')[1]!) &&
      'another kraken_identifier',
    isErrored !== (latest_error !== undefined) && `${status} ${isErrored ? 'without a' : 'with a'} reason`,
    told !== undefined && told !== status && `${status}, though it was answered that it is ${told}`,
  ];
}

/** Each change of status is one that the table of transitions has, and each attempt ends once. */
function wrongHistory(record: ImportProcess): (string | false)[] {
  const events = historyEvents(record, 'UTC');
  const changes = events.filter(({ event }) => !event.startsWith('sent'));
  const illegal = changes.slice(1).map(({ status }, index) => {
    const before = changes[index]!.status!;
    return !TRANSITIONS[before].includes(status!) && `${before} → ${status}`;
  });
  const ends = changes.filter(({ status }) => isFinal(status!)).map(({ attempt }) => attempt);
  return [
    ...illegal,
    changes[0]?.status !== 'PENDING' && `began as ${changes[0]?.status}`,
    new Set(ends).size !== ends.length && 'an attempt ended twice',
    changes.at(-1)?.status !== record.status && 'its history ends otherwise',
  ];
}

function missingEvents({ events }: World, record: ImportProcess): (string | false)[] {
  const attempts = Array.from({ length: record.attempt }, (_, index) => index + 1);
  return attempts.map((attempt) => {
    const outcome = outcomeOf(record, attempt);
    if (outcome === undefined) return false;
    const isTold = events().some(
      ({ detail, ...event }) =>
        event['detail-type'] === DETAIL_TYPES[outcome.status] &&
        isDetailOf(detail as Record<string, unknown>, record.id, attempt),
    );
    return !isTold && `nobody was told that attempt ${attempt} ended ${outcome.status}`;
  });
}

const isDetailOf = (detail: Record<string, unknown>, id: string, attempt: number): boolean =>
  `${detail['import_supplier']}#${detail['external_identifier']}` === id && detail['attempt'] === attempt;
