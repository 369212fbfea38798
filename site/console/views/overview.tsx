import type { ComponentChildren } from 'preact';
import type { ResultOf } from '../../../shared/api/operation-types.ts';
import { count, duration, number, percent } from '../format.ts';
import { useConsole, useLive } from '../live.ts';
import { Facts, Status, Time, Title, Waiting } from '../parts/page.tsx';
import { Plot } from '../parts/plot.tsx';
import { linkTo } from '../route.ts';
import { DropProgress, isUnderWay } from './drops.tsx';

const PERIODS = ['hour', 'day', 'week'] as const;
type Period = (typeof PERIODS)[number];
type Statuses = ResultOf<'counts'>['statuses'];

/** A supplier's migration at a glance: what needs attention, imports by status, what ended over time, and drops under way. */
export function Overview({ supplier, query }: { supplier: string; query: URLSearchParams }) {
  const { me } = useConsole();
  const asked = query.get('period');
  const period: Period = PERIODS.find((each) => each === asked) ?? 'hour';
  const parameters = { supplier };
  const counts = useLive('counts', { parameters }, ({ statuses }) => openOf(statuses) > 0);
  const drops = useLive('drops-list', { parameters, query: { page_size: 20 } }, ({ results }) =>
    results.some(isUnderWay),
  );
  const isMoving =
    (counts.body !== undefined && openOf(counts.body.statuses) > 0) || drops.body?.results.some(isUnderWay);
  const activity = useLive(
    'activity',
    { parameters, query: { period } },
    ({ is_complete }) => !is_complete || isMoving === true,
  );
  const scenarios = useLive('scenarios-show', { parameters });
  if (counts.body === undefined) return <Waiting error={counts.error} />;
  const { statuses, counted_at, is_exact, oldest_open_since } = counts.body;
  const ended = endedOf(statuses);
  const errored = statuses.ERRORED + statuses.DRY_RUN_ERRORED;
  const underWay = drops.body?.results.filter(isUnderWay) ?? [];
  const refusing = scenarios.body?.allowed
    ? scenarios.body.results.filter((each) => each.applies_to === 'requests')
    : [];
  const isClosed = me.suppliers.some(({ code, migration }) => code === supplier && migration === 'closed');
  return (
    <>
      <Title of={supplier}>Overview</Title>
      <Attention
        items={[
          isClosed && <>The migration is closed: imports are refused.</>,
          errored > 0 && (
            <>
              {count(errored, 'import')} errored.{' '}
              <a
                href={linkTo([supplier, 'imports'], {
                  status: statuses.ERRORED > 0 ? 'ERRORED' : 'DRY_RUN_ERRORED',
                })}
              >
                See why
              </a>
            </>
          ),
          ...(drops.body?.results ?? [])
            .filter(({ state, rows }) => state === 'FAILED' || state === 'REFUSED' || rows.invalid > 0)
            .slice(0, 3)
            .map((drop) => (
              <>
                {drop.problem === null
                  ? `${count(drop.rows.invalid, 'row')} of ${drop.name} ${drop.rows.invalid === 1 ? 'is' : 'are'} invalid. `
                  : `${drop.name}: ${drop.problem.detail} `}
                <a href={linkTo([supplier, 'drops', drop.drop])}>
                  {drop.problem === null ? 'See why' : 'See the drop'}
                </a>
              </>
            )),
          refusing.length > 0 && (
            <>
              {count(refusing.length, 'scenario')} {refusing.length === 1 ? 'refuses' : 'refuse'} requests
              with 429 or 503. <a href={linkTo([supplier, 'rehearse'])}>See which</a>
            </>
          ),
        ]}
      />
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
          ['Errored, of all that ended', percent(errored, ended)],
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
      {activity.body === undefined ? (
        <Waiting error={activity.error} />
      ) : (
        <Plot
          activity={activity.body}
          series={['processed', 'errored', 'cancelled']}
          title={`Imports of the last ${period}`}
        />
      )}
      <h2>Drops under way</h2>
      {underWay.length === 0 ? (
        <p>
          None. <a href={linkTo([supplier, 'drops'])}>All drops</a>
        </p>
      ) : (
        <ul class="cards">
          {underWay.map((drop) => (
            <li key={drop.drop}>
              <a href={linkTo([supplier, 'drops', drop.drop])}>{drop.name}</a> <Status name={drop.state} />
              <DropProgress drop={drop} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const openOf = ({ PENDING, IN_PROGRESS }: Statuses): number => PENDING + IN_PROGRESS;
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

function Attention({ items }: { items: readonly (ComponentChildren | false)[] }) {
  const shown = items.filter((item) => item !== false);
  return (
    <section class={`attention ${shown.length > 0 ? 'some' : ''}`} aria-label="Needs attention">
      {shown.length === 0 ? (
        <p>Nothing needs attention.</p>
      ) : (
        <ul>
          {shown.map((item, index) => (
            <li key={index}>{item}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
