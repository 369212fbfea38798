import { useEffect, useRef, useState } from 'preact/hooks';
import { mapConcurrently } from '../../../shared/map-concurrently.ts';
import { count, number } from '../format.ts';
import { type ImportFilter, matches } from '../import-filter.ts';
import { useConsole } from '../live.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Problem, Progress } from '../parts/page.tsx';
import { permits } from '../permits.ts';
import { Failure, type Service, textOf } from '../service.ts';

const ACTIONS = {
  retry: { title: 'Retry', done: 'retried', statuses: ['ERRORED', 'DRY_RUN_ERRORED'] },
  cancel: { title: 'Cancel', done: 'cancelled', statuses: ['PENDING'] },
} as const;
type ActionName = keyof typeof ACTIONS;

type Step =
  | { kind: 'idle' }
  | { kind: 'counting'; action: ActionName; found: number }
  | { kind: 'asking'; action: ActionName; identifiers: readonly string[] }
  | { kind: 'acting'; action: ActionName; done: number; of: number }
  | { kind: 'done'; text: string };

const AT_ONCE = 6;

/** Retries or cancels the imports that a filter means: it counts them first, and asks. */
export function BulkActions({ supplier, filter }: { supplier: string; filter: ImportFilter }) {
  const { api, me } = useConsole();
  const [step, setStep] = useState<Step>({ kind: 'idle' });
  const [problem, setProblem] = useState<string>();
  const stopper = useRef(new AbortController());
  useEffect(() => () => stopper.current.abort(), []);
  if (!permits(me, 'operate')) return null;
  const possible = (Object.keys(ACTIONS) as ActionName[]).filter((name) => {
    const statuses: readonly string[] = ACTIONS[name].statuses;
    if (filter.status !== undefined) return statuses.includes(filter.status);
    // Imports that wait have no error.
    return name === 'retry' && (filter.code !== undefined || filter.drop !== undefined);
  });
  if (possible.length === 0) return null;

  const start = async (action: ActionName): Promise<void> => {
    stopper.current = new AbortController();
    const { signal } = stopper.current;
    setProblem(undefined);
    setStep({ kind: 'counting', action, found: 0 });
    try {
      const identifiers = await identifiersOf(api, supplier, filter, ACTIONS[action].statuses, {
        signal,
        onFound: (found) => setStep({ kind: 'counting', action, found }),
      });
      if (!signal.aborted) setStep({ kind: 'asking', action, identifiers });
    } catch (error) {
      setProblem(textOf(error));
      setStep({ kind: 'idle' });
    }
  };
  const act = async (action: ActionName, identifiers: readonly string[]): Promise<void> => {
    const { signal } = stopper.current;
    let done = 0;
    let impossible = 0;
    setStep({ kind: 'acting', action, done: 0, of: identifiers.length });
    try {
      await mapConcurrently(identifiers, AT_ONCE, async (identifier) => {
        if (signal.aborted) return;
        const isDone = await sendAgain(() => api.get(action, { parameters: { supplier, identifier } }));
        if (isDone) done += 1;
        else impossible += 1;
        setStep({ kind: 'acting', action, done: done + impossible, of: identifiers.length });
      });
    } catch (error) {
      setProblem(textOf(error));
    }
    const others = impossible > 0 ? ` For ${number(impossible)} it was no longer possible.` : '';
    setStep({ kind: 'done', text: `${count(done, 'import')} ${ACTIONS[action].done}.${others}` });
  };

  return (
    <section class="bulk" aria-label="For all of these">
      {problem && <Problem>{problem}</Problem>}
      {step.kind === 'idle' && (
        <p class="buttons">
          {possible.map((name) => (
            <button key={name} type="button" onClick={() => start(name)}>
              {ACTIONS[name].title} all of these…
            </button>
          ))}
        </p>
      )}
      {step.kind === 'counting' && (
        <p role="status">
          Counting: {number(step.found)}{' '}
          <button
            type="button"
            onClick={() => {
              stopper.current.abort();
              setStep({ kind: 'idle' });
            }}
          >
            Stop
          </button>
        </p>
      )}
      {step.kind === 'asking' && step.identifiers.length === 0 && <p role="status">There is none.</p>}
      {step.kind === 'asking' && step.identifiers.length > 0 && (
        <Confirm
          title={`${ACTIONS[step.action].title} ${describe(step.identifiers.length, filter)}?`}
          action={`${ACTIONS[step.action].title} ${count(step.identifiers.length, 'import')}`}
          onYes={() => act(step.action, step.identifiers)}
          onNo={() => setStep({ kind: 'idle' })}
        />
      )}
      {step.kind === 'acting' && (
        <>
          <p role="status">
            {number(step.done)} of {number(step.of)}
          </p>
          <Progress label="Done" done={step.done} of={step.of} />
        </>
      )}
      {step.kind === 'done' && <p role="status">{step.text}</p>}
    </section>
  );
}

function describe(imports: number, { status, code, drop }: ImportFilter): string {
  const how =
    code === undefined ? (status === undefined ? '' : ` that are ${status}`) : ` that ended with ${code}`;
  return `${count(imports, 'import')}${how}${drop === undefined ? '' : ' of this drop'}`;
}

/** Reads all imports that the filter means, page by page. */
async function identifiersOf(
  api: Service,
  supplier: string,
  filter: ImportFilter,
  statuses: readonly ('ERRORED' | 'DRY_RUN_ERRORED' | 'PENDING')[],
  { signal, onFound }: { signal: AbortSignal; onFound: (found: number) => void },
): Promise<string[]> {
  const parameters = { supplier };
  const found: string[] = [];
  const add = (identifier: string, each: Parameters<typeof matches>[0]): void => {
    if (statuses.some((status) => status === each.status) && matches(each, filter)) found.push(identifier);
    onFound(found.length);
  };
  if (filter.drop !== undefined) {
    for (let cursor: string | null | undefined; cursor !== null && !signal.aborted; ) {
      const page = await api.get('drops-failed-rows', {
        parameters: { supplier, drop: filter.drop },
        query: { page_size: 100, cursor },
      });
      await mapConcurrently(page.results, AT_ONCE, async ({ identifier, outcome }) => {
        if (identifier === undefined || !/errored$/.test(outcome)) return;
        add(identifier, await api.get('status', { parameters: { supplier, identifier } }));
      });
      cursor = page.next_cursor;
    }
    return found;
  }
  for (const status of statuses) {
    if (filter.status !== undefined && filter.status !== status) continue;
    for (let cursor: string | null | undefined; cursor !== null && !signal.aborted; ) {
      const page = await api.get('list', { parameters, query: { status, page_size: 100, cursor } });
      for (const each of page.results) add(each.external_identifier, each);
      cursor = page.next_cursor;
    }
  }
  return found;
}

const ATTEMPTS_MAX = 8;

/** Sends a request that may be repeated, again after 429, 5xx and lost connections. Returns false if it is no longer possible. @throws Failure */
async function sendAgain(request: () => Promise<unknown>): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await request();
      return true;
    } catch (error) {
      const status = error instanceof Failure ? error.status : -1;
      if (status === 404 || status === 409) return false;
      if (!(status === 0 || status === 429 || status >= 500) || attempt === ATTEMPTS_MAX) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(10_000, 250 * 2 ** attempt)));
    }
  }
}
