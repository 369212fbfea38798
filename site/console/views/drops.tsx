import { useState } from 'preact/hooks';
import type { ResultOf } from '../../../shared/api/operation-types.ts';
import { bytes, count, duration, number, percent } from '../format.ts';
import { useConsole, useLive } from '../live.ts';
import { Problem, Progress, Status, Time, Title, Waiting } from '../parts/page.tsx';
import { permits } from '../permits.ts';
import { linkTo } from '../route.ts';
import { textOf } from '../service.ts';
import { Upload } from './upload.tsx';

export type Drop = ResultOf<'drops-list'>['results'][number];

/** Whether a drop still changes. */
export const isUnderWay = ({ state }: Pick<Drop, 'state'>): boolean =>
  state === 'READING' || state === 'IMPORTING' || state === 'CANCELLING';

/** A supplier's drops, newest first, and the place to drop another file. */
export function Drops({ supplier }: { supplier: string }) {
  const { api, me } = useConsole();
  const parameters = { supplier };
  const { body, error, refresh } = useLive('drops-list', { parameters }, ({ results }) =>
    results.some(isUnderWay),
  );
  const [older, setOlder] = useState<{ drops: Drop[]; next: string | null }>();
  const [problem, setProblem] = useState<string>();
  if (body === undefined) return <Waiting error={error} />;
  const next = older === undefined ? body.next_cursor : older.next;
  const drops = [
    ...body.results,
    ...(older?.drops.filter(({ drop }) => !body.results.some((each) => each.drop === drop)) ?? []),
  ];
  const more = async (): Promise<void> => {
    try {
      const page = await api.get('drops-list', { parameters, query: { cursor: next! } });
      setOlder({ drops: [...(older?.drops ?? []), ...page.results], next: page.next_cursor });
      setProblem(undefined);
    } catch (reason) {
      setProblem(textOf(reason));
    }
  };
  return (
    <>
      <Title of={supplier}>Drops</Title>
      {permits(me, 'import') && (
        <Upload supplier={supplier} onUploaded={refresh} known={drops.map(({ drop }) => drop)} />
      )}
      {drops.length === 0 ? (
        <p>No file was dropped yet.</p>
      ) : (
        <ul class="cards" aria-label="Drops">
          {drops.map((drop) => (
            <li key={drop.drop}>
              <a class="name" href={linkTo([supplier, 'drops', drop.drop])}>
                {drop.name}
              </a>{' '}
              <Status name={drop.state} />{' '}
              <span class="quiet">
                {bytes(drop.size_bytes)}, dropped <Time at={drop.dropped_at} />
              </span>
              {drop.problem === null ? <DropProgress drop={drop} /> : <p>{drop.problem.detail}</p>}
            </li>
          ))}
        </ul>
      )}
      {problem && <Problem>{problem}</Problem>}
      {next !== null && (
        <button type="button" onClick={more}>
          Older drops
        </button>
      )}
    </>
  );
}

/** How far a drop is: its rows by outcome, its imports by outcome, its rate and the time left. */
export function DropProgress({
  drop,
}: {
  drop: Drop & Partial<Pick<ResultOf<'drops-status'>, 'bytes' | 'rows_per_second' | 'seconds_left'>>;
}) {
  const { rows, imports, parts, state } = drop;
  const done = rows.accepted - imports.open;
  const errored = imports.errored + imports.dry_run_errored;
  const others = rows.already_imported + rows.in_progress + rows.duplicate;
  const readOf = drop.bytes === undefined ? parts.of : drop.bytes.of;
  const read = drop.bytes === undefined ? parts.read : drop.bytes.read;
  const rate = drop.rows_per_second ?? averageRate(drop);
  const left = drop.seconds_left === undefined ? secondsLeft(drop) : (drop.seconds_left ?? undefined);
  return (
    <div class="progress">
      {state === 'READING' && <Progress label="Read" done={read} of={readOf ?? undefined} />}
      {state !== 'READING' && isUnderWay(drop) && (
        <Progress label="Imports ended" done={done} of={rows.accepted} />
      )}
      <p>
        {count(rows.read, 'row')} read
        {state === 'READING' && readOf !== null && ` (${percent(read, readOf)} of the file)`}:{' '}
        {number(rows.accepted)} accepted
        {rows.invalid > 0 && (
          <>
            , <strong class="bad">{number(rows.invalid)} invalid</strong>
          </>
        )}
        {others > 0 && `, ${number(others)} known already`}
        {'. '}
        {number(done)} of {count(rows.accepted, 'import')} ended
        {errored > 0 && (
          <>
            , <strong class="bad">{number(errored)} errored</strong>
          </>
        )}
        {imports.cancelled > 0 && `, ${number(imports.cancelled)} cancelled`}.
        {isUnderWay(drop) && rate !== undefined && ` ${number(Math.round(rate))} rows a second.`}
        {left !== undefined && ` About ${duration(left)} left.`}
      </p>
    </div>
  );
}

/** An estimate of the time until all rows are read, or then until the last import has ended. The list does not have the service's own. */
function secondsLeft(drop: Drop): number | undefined {
  if (!isUnderWay(drop)) return undefined;
  const { state, parts, rows, imports } = drop;
  const [done, all] =
    state === 'READING' ? [parts.read, parts.of] : [rows.accepted - imports.open, rows.accepted];
  const seconds = (Date.now() - Date.parse(drop.planned_at)) / 1000;
  return all === null || done === 0 || seconds <= 0 ? undefined : ((all - done) * seconds) / done;
}

/** Rows a second since the drop was planned, by this machine's clock; undefined in the first second. */
function averageRate({ planned_at, read_at, rows }: Drop): number | undefined {
  const seconds = ((read_at === null ? Date.now() : Date.parse(read_at)) - Date.parse(planned_at)) / 1000;
  return seconds < 1 ? undefined : rows.read / seconds;
}
