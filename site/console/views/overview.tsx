import type { ResultOf } from '../../../shared/api/operation-types.ts';
import { count, duration, number, percent } from '../format.ts';
import { useConsole, useLive } from '../live.ts';
import { Facts, Status, Time, Title, Waiting } from '../parts/page.tsx';
import { Plot } from '../parts/plot.tsx';
import { linkTo } from '../route.ts';
import { type Drop, DropProgress, isUnderWay } from './drops.tsx';

const PERIODS = ['hour', 'day', 'week'] as const;
/** Drops with problems that are named. */
const DROPS_MAX = 3;
type Statuses = ResultOf<'counts'>['statuses'];

/** A supplier's migration at a glance: what needs attention, imports by status, what ended over time, and drops under way. */
export function Overview({ supplier, query }: { supplier: string; query: URLSearchParams }) {
  const parameters = { supplier };
  const counts = useLive('counts', { parameters }, ({ statuses }) => openOf(statuses) > 0);
  const drops = useLive('drops-list', { parameters, query: { page_size: 20 } }, ({ results }) =>
    results.some(isUnderWay),
  );
  const isMoving =
    (counts.body !== undefined && openOf(counts.body.statuses) > 0) ||
    (drops.body?.results.some(isUnderWay) ?? false);
  return (
    <>
      <Title of={supplier}>Overview</Title>
      {counts.body === undefined || drops.body === undefined ? (
        <Waiting error={counts.error ?? drops.error} />
      ) : (
        <>
          <Attention supplier={supplier} statuses={counts.body.statuses} drops={drops.body.results} />
          <Counted supplier={supplier} counts={counts.body} />
        </>
      )}
      <OverTime supplier={supplier} asked={query.get('period')} isMoving={isMoving} />
      <h2>Drops under way</h2>
      <UnderWay supplier={supplier} drops={drops.body?.results.filter(isUnderWay) ?? []} />
    </>
  );
}

/** What somebody should look at first. */
function Attention({
  supplier,
  statuses,
  drops,
}: {
  supplier: string;
  statuses: Statuses;
  drops: readonly Drop[];
}) {
  const { me } = useConsole();
  const scenarios = useLive('scenarios-show', { parameters: { supplier } });
  const isClosed = me.suppliers.some(({ code, migration }) => code === supplier && migration === 'closed');
  const errored = erroredOf(statuses);
  const status = statuses.ERRORED > 0 ? 'ERRORED' : 'DRY_RUN_ERRORED';
  const refusing = scenarios.body?.allowed
    ? scenarios.body.results.filter((each) => each.applies_to === 'requests').length
    : 0;
  const failed = drops.filter(
    ({ state, rows }) => state === 'FAILED' || state === 'REFUSED' || rows.invalid > 0,
  );
  if (!isClosed && errored === 0 && refusing === 0 && failed.length === 0)
    return (
      <section class="attention" aria-label="Needs attention">
        <p>Nothing needs attention.</p>
      </section>
    );
  return (
    <section class="attention some" aria-label="Needs attention">
      <ul>
        {isClosed && <li>The migration is closed: imports are refused.</li>}
        {errored > 0 && (
          <li>
            {count(errored, 'import')} errored.{' '}
            <a href={linkTo([supplier, 'imports'], { status })}>See why</a>
          </li>
        )}
        {failed.slice(0, DROPS_MAX).map(({ drop, name, problem, rows }) => (
          <li key={drop}>
            {problem === null
              ? `${count(rows.invalid, 'row')} of ${name} ${rows.invalid === 1 ? 'is' : 'are'} invalid. `
              : `${name}: ${problem.detail} `}
            <a href={linkTo([supplier, 'drops', drop])}>{problem === null ? 'See why' : 'See the drop'}</a>
          </li>
        ))}
        {refusing > 0 && (
          <li>
            {count(refusing, 'scenario')} {refusing === 1 ? 'refuses' : 'refuse'} requests with 429 or 503.{' '}
            <a href={linkTo([supplier, 'rehearse'])}>See which</a>
          </li>
        )}
      </ul>
    </section>
  );
}

function Counted({ supplier, counts }: { supplier: string; counts: ResultOf<'counts'> }) {
  const { me } = useConsole();
  const { statuses, counted_at, is_exact, oldest_open_since } = counts;
  return (
    <>
      <section aria-label="Imports by status" class="tiles">
        {Object.entries(statuses).map(([status, imports]) => (
          <a key={status} class="tile" href={linkTo([supplier, 'imports'], { status })}>
            <b>{number(imports)}</b>
            <Status name={status} />
          </a>
        ))}
      </section>
      <Facts
        facts={[
          ['Errored, of all that ended', percent(erroredOf(statuses), endedOf(statuses))],
          [
            'Oldest that waits',
            oldest_open_since === null ? 'none waits' : <Since at={oldest_open_since} until={counted_at} />,
          ],
          [
            'Requests',
            `at most ${number(me.limits.requests_per_second)} a second of each kind; more are answered 429`,
          ],
          [
            'Counted',
            <>
              <Time at={counted_at} />
              {is_exact ? '' : ', while imports move'}
            </>,
          ],
        ]}
      />
    </>
  );
}

function OverTime({
  supplier,
  asked,
  isMoving,
}: {
  supplier: string;
  asked: string | null;
  isMoving: boolean;
}) {
  const period = PERIODS.find((each) => each === asked) ?? 'hour';
  const { body, error } = useLive(
    'activity',
    { parameters: { supplier }, query: { period } },
    ({ is_complete }) => !is_complete || isMoving,
  );
  return (
    <>
      <h2>Ended over time</h2>
      <ul class="tabs">
        {PERIODS.map((each) => (
          <li key={each}>
            <a
              href={linkTo([supplier, 'overview'], { period: each })}
              aria-current={each === period ? 'true' : undefined}
            >
              Last {each}
            </a>
          </li>
        ))}
      </ul>
      {body === undefined ? (
        <Waiting error={error} />
      ) : (
        <Plot
          activity={body}
          series={['processed', 'errored', 'cancelled']}
          title={`Imports of the last ${period}`}
        />
      )}
    </>
  );
}

function UnderWay({ supplier, drops }: { supplier: string; drops: readonly Drop[] }) {
  if (drops.length === 0)
    return (
      <p>
        None. <a href={linkTo([supplier, 'drops'])}>All drops</a>
      </p>
    );
  return (
    <ul class="cards">
      {drops.map((drop) => (
        <li key={drop.drop}>
          <a href={linkTo([supplier, 'drops', drop.drop])}>{drop.name}</a> <Status name={drop.state} />
          <DropProgress drop={drop} />
        </li>
      ))}
    </ul>
  );
}

const openOf = ({ PENDING, IN_PROGRESS }: Statuses): number => PENDING + IN_PROGRESS;
const erroredOf = ({ ERRORED, DRY_RUN_ERRORED }: Statuses): number => ERRORED + DRY_RUN_ERRORED;
const endedOf = (statuses: Statuses): number =>
  Object.values(statuses).reduce((sum, imports) => sum + imports, 0) - openOf(statuses) - statuses.CANCELLED;

function Since({ at, until }: { at: string; until: string }) {
  const seconds = Math.max(0, (Date.parse(until) - Date.parse(at)) / 1000);
  return (
    <>
      for {duration(seconds)}, since <Time at={at} />
    </>
  );
}
