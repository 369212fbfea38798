import { useState } from 'preact/hooks';
import type { ResultOf } from '../../../shared/api/operation-types.ts';
import { bytes, count, number, percent } from '../format.ts';
import { useConsole, useLive } from '../live.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Facts, Problem, Status, Time, Title, Waiting } from '../parts/page.tsx';
import { Plot } from '../parts/plot.tsx';
import { Remedy } from '../parts/remedy.tsx';
import { permits } from '../permits.ts';
import { linkTo } from '../route.ts';
import { textOf } from '../service.ts';
import { DropProgress, isUnderWay } from './drops.tsx';
import { FailedRows } from './failed-rows.tsx';

type Status_ = ResultOf<'drops-status'>;

/** One drop: how far it is, why rows failed, and its failed rows. */
export function DropView({ supplier, drop }: { supplier: string; drop: string }) {
  const { me } = useConsole();
  const parameters = { supplier, drop };
  const { body, error, refresh } = useLive('drops-status', { parameters }, isUnderWay);
  const activity = useLive(
    'activity',
    { parameters: { supplier }, query: { drop } },
    () => body === undefined || isUnderWay(body),
  );
  if (body === undefined) return <Waiting error={error} />;
  return (
    <>
      <p class="above">
        <a href={linkTo([supplier, 'drops'])}>Drops</a>
      </p>
      <Title of={supplier}>{body.name}</Title>
      <p>
        <Status name={body.state} /> {body.problem?.detail}
      </p>
      <DropProgress drop={body} />
      <Facts
        facts={[
          ['Dropped', <Time at={body.dropped_at} />],
          ['Read', <Time at={body.read_at} />],
          ['Ended', <Time at={body.ended_at} />],
          ['Size', bytes(body.size_bytes)],
          ['Id', <code>{body.drop}</code>],
        ]}
      />
      {isUnderWay(body) && body.state !== 'CANCELLING' && permits(me, 'operate') && (
        <Cancel supplier={supplier} drop={body} onDone={refresh} />
      )}
      <Outcomes drop={body} />
      <h2>Over time</h2>
      {activity.body === undefined ? (
        <Waiting error={activity.error} />
      ) : (
        <>
          <Plot activity={activity.body} series={['rows']} title="Rows" />
          <Plot activity={activity.body} series={['processed', 'errored', 'cancelled']} title="Imports" />
        </>
      )}
      <h2>Most frequent errors</h2>
      <FrequentErrors drop={body} />
      <FailedRows key={isUnderWay(body) ? 'open' : 'ended'} supplier={supplier} drop={body} />
    </>
  );
}

function Outcomes({ drop: { rows, imports } }: { drop: Status_ }) {
  const all: readonly (readonly [string, number])[] = [
    ['accepted', rows.accepted],
    ['invalid', rows.invalid],
    ['already imported', rows.already_imported],
    ['in progress before', rows.in_progress],
    ['duplicate in the file', rows.duplicate],
  ];
  const ended: readonly (readonly [string, number])[] = [
    ['processed', imports.processed],
    ['errored', imports.errored],
    ['dry run succeeded', imports.dry_run_succeeded],
    ['dry run errored', imports.dry_run_errored],
    ['cancelled', imports.cancelled],
    ['erased', imports.erased],
    ['open', imports.open],
  ];
  const table = (title: string, of: number, entries: typeof all) => (
    <table>
      <caption>{title}</caption>
      <tbody>
        {entries
          .filter(([, value], index) => index === 0 || value > 0)
          .map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{number(value)}</td>
              <td>{percent(value, of)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
  return (
    <div class="pair">
      {table('Rows by outcome', rows.read, all)}
      {table('Imports by outcome', rows.accepted, ended)}
    </div>
  );
}

function FrequentErrors({ drop }: { drop: Status_ }) {
  const errors = drop.most_frequent_errors;
  if (errors.length === 0) return <p>{isUnderWay(drop) ? 'None so far.' : 'None.'}</p>;
  return (
    <ol class="errors">
      {errors.map(({ error, detail, count: rows, lines, suggestions = [] }) => (
        <li key={error}>
          <strong>{error}</strong> <span class="quiet">{count(rows, 'row')}</span>
          {detail !== undefined && <div>{detail}</div>}
          {suggestions.length > 0 && (
            <div>
              Did you mean{' '}
              {suggestions.map(({ code, name }) => (code === name ? code : `${code} (${name})`)).join(' or ')}
              ?
            </div>
          )}
          <div>
            <Remedy error={error} />
          </div>
          {lines.length > 0 && (
            <div class="quiet">
              {lines.length === 1 ? 'Line' : 'Lines'} {lines.map(number).join('; ')}
              {rows > lines.length && ' and others'}
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}

/** How long the request waits for the final state, in seconds. */
const WAIT_SECONDS = 5;

function Cancel({ supplier, drop, onDone }: { supplier: string; drop: Status_; onDone: () => void }) {
  const { api } = useConsole();
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string>();
  const cancel = async (): Promise<void> => {
    setAsking(false);
    try {
      await api.get('drops-cancel', {
        parameters: { supplier, drop: drop.drop },
        query: { wait_seconds: WAIT_SECONDS },
      });
    } catch (reason) {
      setProblem(textOf(reason));
    }
    onDone();
  };
  return (
    <>
      <button type="button" onClick={() => setAsking(true)}>
        Cancel this drop
      </button>
      {problem && <Problem>{problem}</Problem>}
      {isAsking && (
        <Confirm
          title={`Cancel the drop of ${drop.name}?`}
          action="Cancel the drop"
          onYes={cancel}
          onNo={() => setAsking(false)}
        >
          <p>
            No more rows will be read, and those of its {count(drop.imports.open, 'open import')} that have
            not started will be cancelled. What was imported stays.
          </p>
        </Confirm>
      )}
    </>
  );
}
