import { useState } from 'preact/hooks';
import type { ResultOf } from '../../../shared/api/operation-types.ts';
import { number, words } from '../format.ts';
import { useConsole, useLive } from '../live.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Facts, Problem, Status, Time, Title, Waiting } from '../parts/page.tsx';
import { Remedy } from '../parts/remedy.tsx';
import { permits } from '../permits.ts';
import { linkTo } from '../route.ts';
import { textOf } from '../service.ts';
import { Created } from './created.tsx';

type Action = 'cancel' | 'retry';
type StatusBody = ResultOf<'status'>;

const isOpen = (status: string): boolean => status === 'PENDING' || status === 'IN_PROGRESS';
/** The action that is possible in a status. */
const actionIn = ({ status }: StatusBody): Action | undefined =>
  status === 'PENDING'
    ? 'cancel'
    : status === 'ERRORED' || status === 'DRY_RUN_ERRORED'
      ? 'retry'
      : undefined;

/** One import: its status, its error and remedy, its history, and what it created. */
export function ImportView({ supplier, identifier }: { supplier: string; identifier: string }) {
  const { api, me } = useConsole();
  const parameters = { supplier, identifier };
  const status = useLive('status', { parameters }, (body) => isOpen(body.status));
  const history = useLive(
    'history',
    { parameters },
    () => status.body === undefined || isOpen(status.body.status),
  );
  const [asking, setAsking] = useState<Action>();
  const [problem, setProblem] = useState<string>();
  if (status.body === undefined)
    return (
      <Waiting
        error={
          status.error === undefined
            ? undefined
            : `${supplier} has no import of ${identifier}: ${status.error}`
        }
      />
    );
  const { body } = status;
  const act = async (action: Action): Promise<void> => {
    setAsking(undefined);
    try {
      await api.get(action, { parameters });
      setProblem(undefined);
    } catch (error) {
      setProblem(textOf(error));
    }
    status.refresh();
    history.refresh();
  };
  const action = permits(me, 'operate') ? actionIn(body) : undefined;
  return (
    <>
      <p class="above">
        <a href={linkTo([supplier, 'imports'])}>Imports</a>
      </p>
      <Title of={supplier}>{identifier}</Title>
      <p>
        <Status name={body.status} />
      </p>
      {body.latest_error && (
        <div class="panel bad-panel">
          <p>
            <strong>{body.latest_error.detail}</strong> <code>{body.latest_error.code}</code>
          </p>
          <p>
            <Remedy error={body.latest_error.code} />
          </p>
        </div>
      )}
      {problem && <Problem>{problem}</Problem>}
      {action && (
        <p class="buttons">
          <button type="button" onClick={() => setAsking(action)}>
            {words(action)}
          </button>
        </p>
      )}
      {asking && (
        <Confirm
          title={`${words(asking)} the import of ${identifier}?`}
          action={words(asking)}
          onYes={() => act(asking)}
          onNo={() => setAsking(undefined)}
        />
      )}
      <Facts
        facts={[
          ['Created', <Time at={body.created_at} />],
          ['Changed', <Time at={body.modified_at} />],
          ...(history.body === undefined
            ? []
            : ([
                [
                  'Window',
                  <>
                    <Time at={history.body.schedule_window_start} /> to{' '}
                    <Time at={history.body.schedule_window_end} />
                  </>,
                ],
                ['Dry run', history.body.is_dry_run ? 'yes' : 'no'],
              ] as const)),
          [
            'Supply point',
            body.kraken_identifier === null ? 'not created' : <code>{body.kraken_identifier}</code>,
          ],
        ]}
      />
      {history.body && history.body.drops.length > 0 && (
        <p>
          It came in{' '}
          {history.body.drops.map(({ drop, name, line }, index) => (
            <span key={`${drop} ${line}`}>
              {index > 0 && ', '}
              {line !== null && `line ${number(line)} of `}
              <a href={linkTo([supplier, 'drops', drop])}>{name ?? drop}</a>
            </span>
          ))}
          .
        </p>
      )}
      <h2>History</h2>
      {history.body === undefined ? (
        <Waiting error={history.error} />
      ) : (
        <Timeline events={history.body.results} />
      )}
      {body.kraken_identifier !== null && permits(me, 'operate') && (
        <Created supplier={supplier} identifier={identifier} />
      )}
    </>
  );
}

const EVENTS: Readonly<Record<string, string>> = {
  submitted: 'Submitted',
  replaced: 'Submitted again, in place of the one before',
  retried: 'Retried',
  sent: 'Sent to a worker, because its window opened',
  sent_again: 'Sent to a worker again, because it was not finished in time',
  started: 'Started',
  taken_over: 'Taken over by another worker',
  ended: 'Ended',
  cancelled: 'Cancelled',
};

/** The events by attempt, oldest first. */
function Timeline({ events }: { events: ResultOf<'history'>['results'] }) {
  return (
    <ol class="timeline">
      {events.map(({ at, event, attempt, status, error }, index) => (
        <li key={`${at} ${event} ${index}`}>
          {attempt !== events[index - 1]?.attempt && <strong class="attempt">Attempt {attempt}</strong>}
          <Time at={at} /> {EVENTS[event] ?? words(event)}{' '}
          {event === 'ended' && status && <Status name={status} />}
          {error && (
            <div>
              <code>{error.code}</code> {error.detail}
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}
