import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { ErrorBody } from '../contract/request.ts';
import { type Drop, type DropPart, PARTS_PREFIX } from './drop.ts';
import { impersonal } from './impersonal.ts';
import type { ObjectStore } from './objects.ts';
import type { ErrorTally, RowOutcome } from './tally.ts';

/** A part's run: its objects in `parts/` have a name of the run's own, so that two runs of a part never write over each other. */
export type PartRun = { part: number; run: string };

type What = 'failed' | 'accepted' | 'errors';

const workKey = (drop: Drop, { part, run }: PartRun, what: What): string =>
  `${PARTS_PREFIX}${drop.id}/${String(part).padStart(6, '0')}-${run}.${what}`;

/**
 * Keeps what a run finds in a part for the report's writer: a line for each row that was not accepted, as it is found, so that no
 * part is too large for memory; then the accepted rows' identifiers, and the errors counted.
 */
export function keepWork(objects: ObjectStore, drop: Drop, run: PartRun) {
  const failed = new PassThrough();
  const uploaded = objects.putStream(
    drop.bucket,
    workKey(drop, run, 'failed'),
    failed,
    'application/x-ndjson',
  );
  // Looked at when it is closed; until then a failure must not end the process.
  uploaded.catch(() => {});
  const accepted: string[] = [];

  return {
    /** `line` is counted from the part's first. */
    async add(line: number, offset: number, outcome: RowOutcome): Promise<void> {
      if (outcome.kind === 'accepted') {
        accepted.push(outcome.identifier);
        return;
      }
      const text = `${line}\t${JSON.stringify(failedRow(offset, outcome))}\n`;
      if (!failed.write(text)) await Promise.race([once(failed, 'drain'), uploaded]);
    },
    async close(errors: readonly ErrorTally[]): Promise<void> {
      failed.end();
      const put = (what: What, text: string, type: string) =>
        objects.put(drop.bucket, workKey(drop, run, what), text, type);
      await Promise.all([
        uploaded,
        put('accepted', accepted.join('\n'), 'text/plain'),
        put('errors', JSON.stringify(errors), 'application/json'),
      ]);
    },
    /** Leaves nothing half written. */
    abort(): void {
      failed.destroy(new Error('The part was not read to its end.'));
    },
  };
}

function failedRow(offset: number, outcome: Exclude<RowOutcome, { kind: 'accepted' }>): ErrorBody {
  const { kind, identifier, errors } = outcome;
  return {
    offset,
    ...(identifier === undefined ? {} : { identifier }),
    outcome: kind,
    errors: impersonal(errors),
  };
}

/** The identifiers of a part's accepted rows, in their order. */
export async function acceptedOf(
  objects: ObjectStore,
  drop: Drop,
  { part, run }: DropPart,
): Promise<string[]> {
  if (run === undefined) return [];
  const text = await objects.text(drop.bucket, workKey(drop, { part, run }, 'accepted'));
  return text === '' ? [] : text.split('\n');
}

/** A part's errors, by kind. */
export async function errorsOf(
  objects: ObjectStore,
  drop: Drop,
  { part, run }: DropPart,
): Promise<ErrorTally[]> {
  if (run === undefined) return [];
  return JSON.parse(await objects.text(drop.bucket, workKey(drop, { part, run }, 'errors'))) as ErrorTally[];
}

/**
 * The report's lines on a part's rows that were not accepted, in their order.
 *
 * @param linesBefore lines of the file before the part; undefined where that is not known: then no line is said.
 */
export async function* failedRowsOf(
  objects: ObjectStore,
  drop: Drop,
  { part, run }: DropPart,
  linesBefore: number | undefined,
): AsyncGenerator<string> {
  if (run === undefined) return;
  for await (const row of objects.lines(drop.bucket, workKey(drop, { part, run }, 'failed'))) {
    const tab = row.indexOf('\t');
    const line = linesBefore === undefined ? null : linesBefore + Number(row.slice(0, tab));
    // `12\t{"offset":…}` of a part that begins after 100 lines → `{"line":112,"offset":…}`.
    yield `{"line":${line},${row.slice(tab + 2)}\n`;
  }
}
